import type { CommandRunner } from "../conversation/command/command.ts";
import { ask } from "./ask.ts";
import { cancel } from "./cancel.ts";
import { exportCommand } from "./export.ts";
import { forget } from "./forget.ts";
import { imagine } from "./imagine.ts";
import { helpFor } from "./help.ts";
import { memoryCommand } from "./memory.ts";
import { recall } from "./recall.ts";
import { mute } from "./mute.ts";
import { reset } from "./reset.ts";
import { show } from "./show.ts";
import { summary } from "./summary.ts";
import { summaryFrom } from "./summary-from.ts";
import { unmute } from "./unmute.ts";

const commandsWithoutHelp: readonly CommandRunner[] = [
  summary,
  recall,
  memoryCommand,
  reset,
  forget,
  exportCommand,
  mute,
  unmute,
];

/** Every command that people can type, in menu order. `makesImages`: there is a model that makes them. */
export function commandsWith({ makesImages }: { readonly makesImages: boolean }): readonly CommandRunner[] {
  const others = makesImages ? [...commandsWithoutHelp, imagine] : commandsWithoutHelp;
  return [...others, helpFor(others.map(({ definition }) => definition))];
}

/** Some commands by name, and those that only buttons and the menus of messages send. */
export function runnersOf(commands: readonly CommandRunner[]): ReadonlyMap<string, CommandRunner> {
  return new Map(
    [...commands, ask, summaryFrom, show, cancel].map((command) => [command.definition.name, command]),
  );
}

/** Every command that people can type where no images are made. */
export const allCommands = commandsWith({ makesImages: false });

/** Those by name. */
export const commandRunners = runnersOf(allCommands);
