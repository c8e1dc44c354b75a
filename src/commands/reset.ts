import type { CommandRunner } from "../conversation/command-runner.ts";

/** Opens a new chapter. It never erases. */
export const reset: CommandRunner = {
  definition: {
    name: "reset",
    description: "Start this conversation afresh: I stop using what was said before",
    options: [],
  },
  interrupts: true,
  run: async ({ recollection }) => ({
    say: "A fresh start: from here on I no longer use what was said before in this conversation. Nothing was erased.",
    isShared: false,
    recollection: { ...recollection, chapter: recollection.chapter + 1, leftOut: 0 },
  }),
};
