import { cancelChoice } from "../domain/offer.ts";
import { isOnlySpeaker } from "../conversation/command/permission.ts";
import { displayNameOf } from "../conversation/text/speaker-label.ts";
import { confirmWithinText } from "../conversation/planning/confirmation.ts";
import { dropModelTitle } from "../conversation/remembering/retitle.ts";
import { undoWithinMs, openChapter, undoReset } from "../conversation/memory/chapters.ts";
import type { CommandCall, CommandResult, CommandRunner } from "../conversation/command/command.ts";
import { peopleIn } from "../domain/people-in.ts";

const undoHours = undoWithinMs / 3_600_000;

const undoOffer = {
  choices: [{ label: "Undo", name: "reset", argument: "undo" }],
  orElse: "To undo it, use `reset undo`.",
};

/** Opens a new chapter, or joins the last two again. Never erases. */
export const reset: CommandRunner = {
  definition: {
    name: "reset",
    description: "Ignore everything said so far (can be undone)",
    options: [
      { word: "yes", description: "don't ask first, even if others are here" },
      { word: "undo", description: "undo the last reset (within 24 hours)" },
    ],
    scope: "conversation",
  },
  interrupts: true,
  isRepeatable: true,
  needs: () => "own",
  // Other people's rights are checked when the command runs. Until then their reset stops no answer.
  changes: ({ argument: { options }, by, before, speakers, nowMs }) =>
    (speakers.size === 0 || speakers.has(by)) &&
    (options.has("undo") ? undoReset(before, nowMs) !== undefined : options.has("yes") || speakers.size <= 1),
  run: async (call) => (call.argument.options.has("undo") ? undo(call) : resetNow(call)),
};

function resetNow({ memory, argument, ports, command }: CommandCall): CommandResult {
  const people = peopleIn(memory.speakers).length;
  if (people > 1 && !argument.options.has("yes")) {
    return {
      say: `This thread has ${people} people. Resetting makes me ignore everything said so far, for all of you. You can undo it for ${undoHours} hours.`,
      isShared: false,
      asks: { name: "reset", argument: "yes" },
      offers: {
        choices: [{ label: "Reset for everyone", name: "reset", argument: "yes" }, cancelChoice],
        orElse: `To reset for everyone, reply \`yes\` in this conversation within ${confirmWithinText}.`,
      },
    };
  }
  const isShared = !isOnlySpeaker(memory, command.by.id);
  const say = isShared
    ? `Fresh start: **${displayNameOf(memory, command.by, ports.platform.botNameIn?.(command.place))}** reset this conversation. I'll ignore everything above, for all of you. Nothing was deleted: mention me with \`reset undo\` within ${undoHours} hours to bring it back.`
    : `Fresh start. I'll ignore everything above. Nothing was deleted, and you can undo it for ${undoHours} hours.`;
  const fresh = openChapter(memory, ports.clock.nowMs());
  return { say, isShared, offers: undoOffer, ...dropModelTitle(fresh) };
}

function undo({ memory, ports, command }: CommandCall): CommandResult {
  const reopened = undoReset(memory, ports.clock.nowMs());
  if (reopened === undefined) {
    return { say: `There's no reset from the last ${undoHours} hours to undo.`, isShared: false };
  }
  const isShared = !isOnlySpeaker(memory, command.by.id);
  const say = isShared
    ? `Undone by **${displayNameOf(memory, command.by, ports.platform.botNameIn?.(command.place))}**. I remember everything again.`
    : "Undone. I remember everything again.";
  return { say, isShared, memory: reopened };
}
