import type { CommandDefinition } from "../domain/command.ts";

/** What stands behind a command's name, understood. */
export interface CommandArgument {
  /** The option words that were given. */
  readonly options: ReadonlySet<string>;
  /** The free text, trimmed. Empty: none. */
  readonly text: string;
}

/** Option words stand before or behind the free text. Undefined where it is not for this command. */
export function readArgument(definition: CommandDefinition, argument: string): CommandArgument | undefined {
  const known = new Set(definition.options.map(({ word }) => word));
  const options = new Set<string>();
  let words = argument.trim().split(/\s+/u);
  const take = (at: 0 | -1): boolean => {
    const word = words.at(at)?.toLowerCase() ?? "";
    if (!known.has(word)) return false;
    options.add(word);
    words = at === 0 ? words.slice(1) : words.slice(0, -1);
    return true;
  };
  while (take(0) || take(-1));
  const text = words.length === 1 ? (words[0] ?? "") : textBetween(argument, words);
  if (text === "") return definition.text?.isRequired === true ? undefined : { options, text };
  if (definition.text === undefined || definition.text.pattern?.test(text) === false) return undefined;
  return { options, text };
}

/** As it was typed: also with its spaces and line breaks. */
function textBetween(argument: string, words: readonly string[]): string {
  const first = words[0];
  const last = words.at(-1);
  if (first === undefined || last === undefined) return "";
  return argument.slice(argument.indexOf(first), argument.lastIndexOf(last) + last.length).trim();
}

/** How a command is written, for hints: "`/recall <words> [share]`". */
export function usageOf({ name, options, text }: CommandDefinition): string {
  const free = text === undefined ? "" : text.isRequired ? ` <${text.name}>` : ` [${text.name}]`;
  return `\`/${name}${free}${options.map(({ word }) => ` [${word}]`).join("")}\``;
}
