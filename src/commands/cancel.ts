import type { CommandRunner } from "../conversation/command/command.ts";

/** Closes a question from the bot. A "yes" after it is an ordinary message. */
export const cancel: CommandRunner = {
  definition: { name: "cancel", description: "Do nothing", options: [], scope: "person" },
  isButtonOnly: true,
  mayAskBack: true,
  interrupts: false,
  needs: () => "nothing",
  run: async () => ({ say: "Okay. Nothing has changed.", isShared: false }),
};
