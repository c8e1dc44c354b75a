import type { CommandRunner } from "../conversation/command/command.ts";
import { cancel } from "./cancel.ts";
import { exportCommand } from "./export.ts";
import { forget } from "./forget.ts";
import { helpFor } from "./help.ts";
import { memoryCommand } from "./memory.ts";
import { recall } from "./recall.ts";
import { reset } from "./reset.ts";
import { summary } from "./summary.ts";

const withoutHelp: readonly CommandRunner[] = [summary, recall, memoryCommand, reset, forget, exportCommand];

/** Every command that people can write, in the order of menus. */
export const allCommands: readonly CommandRunner[] = [
  ...withoutHelp,
  helpFor(withoutHelp.map(({ definition }) => definition)),
];

/** All that can be ordered, by name: with what only buttons give. */
export const commandRunners: ReadonlyMap<string, CommandRunner> = new Map(
  [...allCommands, cancel].map((command) => [command.definition.name, command]),
);
