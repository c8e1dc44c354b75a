import type { CommandRunner } from "../conversation/command/command.ts";
import { cancel } from "./cancel.ts";
import { exportCommand } from "./export.ts";
import { forget } from "./forget.ts";
import { helpFor } from "./help.ts";
import { memoryCommand } from "./memory.ts";
import { recall } from "./recall.ts";
import { reset } from "./reset.ts";
import { summary } from "./summary.ts";

const commandsWithoutHelp: readonly CommandRunner[] = [
  summary,
  recall,
  memoryCommand,
  reset,
  forget,
  exportCommand,
];

/** Every command that people can type, in menu order. */
export const allCommands: readonly CommandRunner[] = [
  ...commandsWithoutHelp,
  helpFor(commandsWithoutHelp.map(({ definition }) => definition)),
];

/** Every command by name, including those that only buttons send. */
export const commandRunners: ReadonlyMap<string, CommandRunner> = new Map(
  [...allCommands, cancel].map((command) => [command.definition.name, command]),
);
