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
  let text = argument.trim();
  const take = (at: RegExp): boolean => {
    const word = at.exec(text)?.[0].toLowerCase() ?? "";
    if (!known.has(word)) return false;
    options.add(word);
    text = text.replace(at, "").trim();
    return true;
  };
  while (take(/^\S+/u) || take(/\S+$/u));
  if (text === "") return definition.text?.isRequired === true ? undefined : { options, text };
  if (definition.text === undefined || definition.text.pattern?.test(text) === false) return undefined;
  return { options, text };
}

/** How a command is written, for hints: "`/recall <words> [share]`". */
export function usageOf({ name, options, text }: CommandDefinition): string {
  const free = text === undefined ? "" : text.isRequired ? ` <${text.name}>` : ` [${text.name}]`;
  return `\`/${name}${free}${options.map(({ word }) => ` [${word}]`).join("")}\``;
}
