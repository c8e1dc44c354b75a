export type SlackArguments = Readonly<Record<string, unknown>>;

/** Slack's answer `{ok: false, error}`. */
export class SlackRefusal extends Error {
  /** Further fields of the answer. */
  readonly details: SlackArguments;

  constructor(code: string, details: SlackArguments = {}) {
    super(code);
    this.details = details;
  }
}

export function textIn(args: SlackArguments, name: string): string {
  const value = args[name];
  if (typeof value !== "string" || value === "") throw new SlackRefusal("invalid_arguments");
  return value;
}
