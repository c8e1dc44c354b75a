import type { CommandRunner } from "./command.ts";

/** The name of a command as people type it. Undefined: only buttons and the menus of messages give it. */
export function typedName(commands: ReadonlyMap<string, CommandRunner>, name: string): string | undefined {
  return commands.get(name)?.isButtonOnly === true ? undefined : name;
}
