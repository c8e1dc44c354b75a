import { undoWithinMs, withNewChapter, withReopenedChapter } from "../conversation/chapters.ts";
import type { CommandCall, CommandResult, CommandRunner } from "../conversation/command-runner.ts";

/** Opens a new chapter, or joins the last two again. It never erases. */
export const reset: CommandRunner = {
  definition: {
    name: "reset",
    description: "Start this conversation afresh: I stop using what was said before",
    options: [
      { word: "yes", description: "also where others take part" },
      { word: "undo", description: "use again what was said before the last reset, within 24 hours" },
    ],
    concerns: "conversation",
  },
  interrupts: true,
  changes: ({ argument: { options }, before, speakers, nowMs }) =>
    options.has("undo")
      ? withReopenedChapter(before, nowMs) !== undefined
      : options.has("yes") || speakers <= 1,
  run: async (call) => (call.argument.options.has("undo") ? undo(call) : startAfresh(call)),
};

function startAfresh({ recollection, argument, ports }: CommandCall): CommandResult {
  const others = recollection.speakers.length;
  if (others > 1 && !argument.options.has("yes")) {
    return {
      say: `${others} people have written here, and a reset is for all of them: I would no longer use what anybody said before. Order \`/reset yes\` (or \`@me reset yes\`) if that is what you want. Nothing has changed yet.`,
      isShared: false,
    };
  }
  const whom = others > 1 ? ` This holds for all ${others} people here.` : "";
  const hours = undoWithinMs / 3_600_000;
  return {
    say: `A fresh start: from here on I no longer use what was said before in this conversation.${whom} Nothing was erased: \`/reset undo\` brings it back within ${hours} hours, and \`/forget this\` erases it.`,
    isShared: others > 1,
    recollection: withNewChapter(recollection, ports.clock.nowMs()),
  };
}

function undo({ recollection, ports }: CommandCall): CommandResult {
  const reopened = withReopenedChapter(recollection, ports.clock.nowMs());
  if (reopened === undefined) {
    return { say: "There is no reset here in the last 24 hours that I could undo.", isShared: false };
  }
  return {
    say: "Undone: I use again what was said before the reset, together with what was said since.",
    isShared: recollection.speakers.length > 1,
    recollection: reopened,
  };
}
