import type { CommandRunner } from "../conversation/command/command.ts";

/** Closes a question of the bot's: a "yes" that is written later is talk again. */
export const cancel: CommandRunner = {
  definition: { name: "cancel", description: "Do nothing", options: [], concerns: "place" },
  isOnlyPressed: true,
  interrupts: false,
  needs: () => "nothing",
  run: async () => ({ say: "Okay. Nothing has changed.", isShared: false }),
};
