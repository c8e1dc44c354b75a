import type { CommandDefinition } from "../../domain/command.ts";

/** The parsed text after a command's name. */
export interface CommandArgument {
  /** The option words in it. */
  readonly options: ReadonlySet<string>;
  /** The free text, trimmed. May be empty. */
  readonly text: string;
}

/**
 * Parses a command's argument. Option words may come before or after the free text. Undefined if the argument does not fit
 * the command. Linear time.
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
