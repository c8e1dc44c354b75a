import { cancelChoice } from "../domain/offer.ts";
import { confirmWithinText } from "../conversation/planning/confirmation.ts";
import type { CommandCall, CommandResult, CommandRunner } from "../conversation/command/command.ts";
import {
  undoDelayedErasure,
  delayedErasureOf,
  startDelayedErasure,
} from "../conversation/memory/delayed-erasure.ts";
import { eraseFiles } from "../conversation/files/erase-files.ts";
import { isForgotten } from "../conversation/remembering/finish-after-erasure.ts";
import { createErasureMark } from "../conversation/memory/erasure-mark.ts";
import { isOnlySpeaker } from "../conversation/command/permission.ts";
import { displayNameOf } from "../conversation/text/speaker-label.ts";
import { readHistory } from "../conversation/archive/read-history.ts";
import { peopleIn } from "../domain/people-in.ts";

/** Erases the asker's messages everywhere, or one conversation. Asks first, because it can't be undone. */
export const forget: CommandRunner = {
  definition: {
    name: "forget",
    description: "Delete your data, or this conversation",
    options: [
      { word: "me", description: "everything you said, everywhere" },
      { word: "this", description: "this conversation" },
      {
        word: "undo",
        description: "bring back a conversation that was just deleted",
      },
      { word: "yes", description: "delete without asking first" },
    ],
    scope: "person",
    worksAnywhere: true,
  },
  interrupts: false,
  isRepeatable: true,
  mayAskBack: true,
  // People may erase their own messages even where they can no longer post.
  needs: ({ options }) => (options.has("this") || options.has("undo") ? "own" : "nothing"),
  run: async (call, signal) => {
    const { options } = call.argument;
    const given = ["me", "this", "undo"].filter((word) => options.has(word));
    if (given.length !== 1) return question;
    if (options.has("undo")) return undoForget(call, signal);
    return options.has("me") ? forgetMe(call, signal) : forgetThis(call, signal);
  },
};

const question: CommandResult = {
  say: "What should I forget? To start over without deleting anything, use `reset`.",
  isShared: false,
  offers: {
    choices: [
      { label: "Everything I said, everywhere", name: "forget", argument: "me" },
      { label: "This conversation", name: "forget", argument: "this" },
      cancelChoice,
    ],
    orElse: "`forget me`: everything you said, everywhere. `forget this`: this conversation.",
  },
};

const nothingHere = "There's nothing to delete here.";
const threadHint = " To delete a thread, mention me in it: `@Threadkeeper forget this`.";

async function forgetMe(
  { ports, command, argument }: CommandCall,
  signal: AbortSignal,
): Promise<CommandResult> {
  if (!argument.options.has("yes")) {
    const how =
      command.message === undefined
        ? "To go ahead, use `/forget me yes`."
        : `To delete for good, reply \`yes\` within ${confirmWithinText}.`;
    return {
      say: `This permanently deletes everything I've stored from you, in every conversation, including my replies to it.${ports.platform.isOurPage === true ? "" : " Your messages in the chat itself stay."}`,
      isShared: false,
      ...confirmation("me yes", "Delete for good", how),
    };
  }
  const { by, platform, saidAtMs, conversation, replyTo, dedupeId } = command;
  const receipt = { conversation, replyTo };
  // Includes the command itself.
  const beforeMs = saidAtMs + 1;
  await ports.erasureRequests.begin({ id: dedupeId, platform, author: by.id, beforeMs, receipt }, signal);
  return { say: "Deleting now. I'll send you a receipt when it's done.", isShared: false };
}

/** A typed "yes" and the button run the same command. */
function confirmation(
  argument: string,
  label: string,
  orElse: string,
): Required<Pick<CommandResult, "asks" | "offers">> {
  const confirmed = { name: "forget", argument };
  return {
    asks: confirmed,
    offers: { choices: [{ ...confirmed, label, isDangerous: true }, cancelChoice], orElse },
  };
}

async function forgetThis(call: CommandCall, signal: AbortSignal): Promise<CommandResult> {
  const { memory, argument, command, ports } = call;
  const { nextOrdinal, erasing } = memory;
  if (nextOrdinal === (erasing?.beforeOrdinal ?? 1)) {
    // A private answer about a message here may be kept.
    await eraseFiles(ports, memory.conversation, [{ kind: "edited" }], signal);
    const how = ports.platform.isOurPage === true ? "" : threadHint;
    return { say: `${nothingHere}${how}`, isShared: false };
  }
  if (isForgotten(memory)) return { say: nothingHere, isShared: false };
  const isShared = !isOnlySpeaker(memory, command.by.id);
  const isDelayed = isShared && ports.forgetUndoHours > 0;
  if (!argument.options.has("yes")) {
    return {
      say: confirmationText(call, isShared),
      isShared: false,
      ...confirmation(
        "this yes",
        isShared ? "Delete for everyone" : "Delete for good",
        `To go ahead, reply \`yes\` in this conversation within ${confirmWithinText}.`,
      ),
    };
  }
  // At once: files that belong to no message can't be restored, nor may a private answer be shown in the meantime.
  await eraseFiles(ports, memory.conversation, [{ kind: "edited" }], signal);
  if (isDelayed) return forgetLater(call, signal);
  const forgotten = { erase: true, memory: createErasureMark(memory, ports.clock.nowMs()) } as const;
  await ports.delayedErasures.drop(memory.conversation, signal);
  if (isShared)
    return {
      ...forgotten,
      say: `${boldName(call)} asked me to delete this conversation. I've deleted everything I stored, for all of you.`,
      isShared,
    };
  const history = await readHistory(ports.archive, memory, {}, signal);
  const what = history.length === 1 ? "the one message" : `all ${history.length} messages`;
  return { ...forgotten, say: `Done. I deleted ${what} of this conversation.`, isShared };
}

function confirmationText({ memory, ports }: CommandCall, isShared: boolean): string {
  const { forgetUndoHours, platform } = ports;
  const what = "everything I've stored from this conversation: messages, replies and summary";
  const count = peopleIn(memory.speakers).length;
  const stays = platform.isOurPage === true ? "" : " The messages in the chat itself stay.";
  if (!isShared) return `This permanently deletes ${what}.${stays}`;
  const undo =
    forgetUndoHours > 0
      ? ` Others here can undo that for ${forgetUndoHours} hours; then it's deleted for good.`
      : " It can't be undone.";
  return `This deletes ${what}, for all ${count} people who have written here.${undo}${stays}`;
}

/** Hides the conversation at once and erases it later, so that one person alone can't destroy what others said. */
async function forgetLater(call: CommandCall, signal: AbortSignal): Promise<CommandResult> {
  const { memory, command, ports } = call;
  const nowMs = ports.clock.nowMs();
  const untilMs = nowMs + ports.forgetUndoHours * 3_600_000;
  const forgotten = startDelayedErasure(memory, { by: command.by.id, nowMs, untilMs });
  if (forgotten.erasing !== undefined)
    await ports.delayedErasures.put(delayedErasureOf(memory, forgotten.erasing), signal);
  return {
    say: `${boldName(call)} asked me to delete this conversation. I no longer use anything above, and I'll delete it for good in ${ports.forgetUndoHours} hours. To bring it back before then, mention me with \`forget undo\`.`,
    isShared: true,
    title: "",
    memory: forgotten,
    offers: {
      choices: [{ label: "Undo", name: "forget", argument: "undo" }],
      orElse: "To undo it, mention me there with `forget undo`.",
    },
  };
}

async function undoForget(call: CommandCall, signal: AbortSignal): Promise<CommandResult> {
  const { memory, ports, command } = call;
  const { erasing, conversation } = memory;
  const nowMs = ports.clock.nowMs();
  // What was asked for in time holds, also if another process has to finish it later.
  if (erasing === undefined || Math.min(nowMs, command.saidAtMs) >= erasing.untilMs) {
    return { say: "There's no deleted conversation here to bring back.", isShared: false };
  }
  await ports.delayedErasures.drop(conversation, signal);
  return {
    say: `Undone by ${boldName(call)}. I remember this conversation again.`,
    isShared: true,
    memory: undoDelayedErasure(memory, erasing, nowMs),
  };
}

function boldName({ command, memory, ports }: CommandCall): string {
  return `**${displayNameOf(memory, command.by, ports.platform.botNameIn?.(command.place))}**`;
}
