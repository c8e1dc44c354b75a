import type { CommandRunner } from "../conversation/command-runner.ts";
import { exportCommand } from "./export.ts";
import { forget } from "./forget.ts";
import { helpFor } from "./help.ts";
import { memory } from "./memory.ts";
import { recall } from "./recall.ts";
import { reset } from "./reset.ts";
import { summary } from "./summary.ts";

const withoutHelp: readonly CommandRunner[] = [summary, recall, memory, reset, forget, exportCommand];

/** Every command, in the order of menus. */
export const allCommands: readonly CommandRunner[] = [
  ...withoutHelp,
  helpFor(withoutHelp.map(({ definition }) => definition)),
];
