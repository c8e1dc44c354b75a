type LogLine = (facts: Readonly<Record<string, unknown>>, message: string) => void;

/** Facts for the operator. Never message texts, names of people or secrets. */
export interface Log {
  readonly debug: LogLine;
  readonly info: LogLine;
  readonly warn: LogLine;
  readonly error: LogLine;
}
