import type { CommandDefinition } from "../../../domain/command.ts";

/** True for `/name` or `!name` of a known command, with or without an argument. */
export function looksLikeCommand(text: string, commands: readonly CommandDefinition[]): boolean {
  const name = /^\s*[/!]([a-z]+)(?!\S)/iu.exec(text)?.[1]?.toLowerCase();
  return commands.some((command) => command.name === name);
}
