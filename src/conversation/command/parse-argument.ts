import type { CommandDefinition } from "../../domain/command.ts";

/** What stands behind a command's name, understood. */
export interface CommandArgument {
  /** The option words that were given. */
  readonly options: ReadonlySet<string>;
  /** The free text, trimmed. Empty: none. */
  readonly text: string;
}

/**
 * Option words stand before or behind the free text. Undefined where it is not for this command. Of a text without white
 * space no more is looked at than an option is long: time grows with the length.
 */
export function parseArgument(definition: CommandDefinition, argument: string): CommandArgument | undefined {
  const known = new Set(definition.options.map(({ word }) => word));
  const longest = Math.max(0, ...Array.from(known, (word) => word.length));
  const options = new Set<string>();
  let text = argument.trim();
  const take = (word: string, rest: (length: number) => string): boolean => {
    const option = word.toLowerCase();
    if (!known.has(option)) return false;
    options.add(option);
    text = rest(word.length).trim();
    return true;
  };
  const takeFirst = (): boolean =>
    take(/^\S*/u.exec(text.slice(0, longest + 1))?.[0] ?? "", (length) => text.slice(length));
  const takeLast = (): boolean =>
    take(lastWord(text.slice(-longest - 1)), (length) => text.slice(0, text.length - length));
  while (takeFirst() || takeLast());
  if (text === "") return definition.text?.isRequired === true ? undefined : { options, text };
  if (definition.text === undefined || definition.text.pattern?.test(text) === false) return undefined;
  return { options, text };
}

function lastWord(text: string): string {
  return text.split(/\s/u).at(-1) ?? "";
}

/** How a command is written, for hints: "`/recall <words> [share]`". */
export function usageOf({ name, options, text }: CommandDefinition): string {
  const free = text === undefined ? "" : text.isRequired ? ` <${text.name}>` : ` [${text.name}]`;
  return `\`/${name}${free}${options.map(({ word }) => ` [${word}]`).join("")}\``;
}
