import type { CommandRunner } from "../conversation/command/command.ts";
import { removeMuteReaction, unmute as unmutedFrom } from "../conversation/memory/muting.ts";

/** Ends `/mute`. What was asked in the meantime is not answered. */
export const unmute: CommandRunner = {
  definition: {
    name: "unmute",
    description: "Answer in this conversation again",
    options: [],
    scope: "conversation",
  },
  interrupts: false,
  needs: () => "write",
  run: async ({ memory, command: { reactedTo: message, ofEveryone, by, saidAtMs: atMs } }) => {
    if (message !== undefined) {
      const removal = { message, atMs, ...(ofEveryone === undefined ? { by: by.id } : {}) };
      return { say: "", isShared: false, memory: removeMuteReaction(memory, removal) };
    }
    return memory.muted === undefined
      ? { say: "I'm not muted here.", isShared: false }
      : { say: "I'm back: I answer here again.", isShared: false, memory: unmutedFrom(memory, atMs) };
  },
};
