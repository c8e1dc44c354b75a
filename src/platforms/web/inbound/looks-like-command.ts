import type { CommandDefinition } from "../../../domain/command.ts";

/** `/name` or `!name`, whatever follows. */
export function looksLikeCommand(text: string, commands: readonly CommandDefinition[]): boolean {
  const name = /^\s*[/!]([a-z]+)(?!\S)/iu.exec(text)?.[1]?.toLowerCase();
  return commands.some((command) => command.name === name);
}
