import { confirmWithinText } from "../conversation/confirmation.ts";
import type { CommandCall, CommandResult, CommandRunner } from "../conversation/command-runner.ts";
import { forgottenMark } from "../conversation/listen.ts";
import { readHistory } from "../conversation/read-history.ts";

/** Erases: the asker's own messages everywhere, or one conversation. It can't be undone, so it asks first. */
export const forget: CommandRunner = {
  definition: {
    name: "forget",
    description: "Delete your data, or this conversation",
    options: [
      { word: "me", description: "everything that you ever said to me or in my hearing" },
      { word: "this", description: "everything of this conversation" },
      { word: "yes", description: "you are sure: it can't be undone" },
    ],
    concerns: "place",
  },
  interrupts: false,
  // One's own words are one's own, wherever one may write today.
  needs: ({ options }) => (options.has("this") ? "own" : "nothing"),
  run: async (call, signal) => {
    const { options } = call.argument;
    if (options.has("me") === options.has("this")) return { say: usage, isShared: false };
    return options.has("me") ? forgetMe(call, signal) : forgetThis(call, signal);
  },
};

const usage =
  "What should I forget? `forget me`: everything you said, everywhere. `forget this`: this conversation. To only start over, use `reset`.";

const nothingHere =
  "There's nothing to delete here. To delete a thread, mention me in it: `@Threadkeeper forget this`.";

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
      say: `This permanently deletes everything I've stored from you, in every conversation, including my replies to it. Your messages in the chat itself stay. ${how}`,
      isShared: false,
      asks: { name: "forget", argument: "me yes" },
    };
  }
  const { by, platform, saidAtMs, conversation, replyTo, dedupeId } = command;
  const receipt = { conversation, replyTo };
  // What was said before the order, and the order itself.
  const beforeMs = saidAtMs + 1;
  await ports.forgettings.begin({ id: dedupeId, platform, author: by.id, beforeMs, receipt }, signal);
  return { say: "Deleting now. I'll send you a receipt when it's done.", isShared: false };
}

async function forgetThis(
  { ports, argument, recollection }: CommandCall,
  signal: AbortSignal,
): Promise<CommandResult> {
  if (recollection.nextOrdinal === 1) return { say: nothingHere, isShared: false };
  if (!argument.options.has("yes")) {
    const others = recollection.speakers.length;
    const whose = others > 1 ? ` ${others} people have written here, and it is deleted for all of them.` : "";
    return {
      say: `This permanently deletes everything I've stored of this conversation: messages, answers and summary.${whose} What is in the chat itself stays. To delete for good, reply \`yes\` in this conversation within ${confirmWithinText}.`,
      isShared: false,
      asks: { name: "forget", argument: "this yes" },
    };
  }
  const history = await readHistory(ports.ledger, recollection, {}, signal);
  return {
    say: `Done. I deleted all ${history.length} messages of this conversation.`,
    isShared: false,
    erase: true,
    recollection: forgottenMark(recollection, ports.clock.nowMs()),
  };
}
