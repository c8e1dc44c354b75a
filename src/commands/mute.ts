import { addMuteReaction, isMutedByCommand, mute as mutedFrom } from "../conversation/memory/muting.ts";
import type { CommandRunner } from "../conversation/command/command.ts";
import { howToUnmute } from "../conversation/text/user-messages.ts";

/** Keeps the bot from answering in a conversation. It goes on to remember, and commands go on to work. */
export const mute: CommandRunner = {
  definition: {
    name: "mute",
    description: "Stop answering in this conversation",
    options: [],
    scope: "conversation",
  },
  // Who wants quiet needs no half an answer: a running one ends by itself, or by Stop.
  interrupts: false,
  needs: () => "write",
  run: async ({ memory, command: { reactedTo: message, by, saidAtMs: atMs }, ports: { platform } }) => {
    // Everyone sees the reaction, so nothing is said.
    if (message !== undefined)
      return { say: "", isShared: false, memory: addMuteReaction(memory, { by: by.id, message, atMs }) };
    const how = howToUnmute(platform.isOurPage === true);
    if (isMutedByCommand(memory)) return { say: `I'm already muted here. ${how}`, isShared: false };
    return {
      say: `Muted. I won't answer here, but I still remember what is said, and commands work. ${how}`,
      isShared: false,
      memory: mutedFrom(memory),
      offers: {
        choices: [{ label: "Unmute", name: "unmute", argument: "" }],
        orElse: "To undo it, use `unmute`.",
      },
    };
  },
};
