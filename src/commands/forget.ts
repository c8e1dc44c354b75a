import type { CommandCall, CommandResult, CommandRunner } from "../conversation/command-runner.ts";
import { forgottenMark } from "../conversation/listen.ts";
import { readHistory } from "../conversation/read-history.ts";

/** Erases: the asker's own messages everywhere, or one conversation. It can't be undone, so it asks first. */
export const forget: CommandRunner = {
  definition: {
    name: "forget",
    description: "Erase for good what I keep: your own messages everywhere, or this conversation",
    options: [
      { word: "me", description: "everything that you ever said to me or in my hearing" },
      { word: "this", description: "everything of this conversation" },
      { word: "yes", description: "you are sure: it can't be undone" },
    ],
    concerns: "place",
  },
  interrupts: false,
  run: async (call, signal) => {
    const { options } = call.argument;
    if (options.has("me") === options.has("this")) return { say: usage, isShared: false };
    return options.has("me") ? forgetMe(call, signal) : forgetThis(call, signal);
  },
};

const usage =
  "Say what I am to forget: `/forget me` erases what you said, everywhere; `/forget this` erases this conversation. Both erase for good; a `/reset` only stops using what was said.";

const nothingHere =
  "I keep nothing of a conversation here. For a thread, order it there: mention me with `forget this`.";

async function forgetMe(
  { ports, command, argument }: CommandCall,
  signal: AbortSignal,
): Promise<CommandResult> {
  if (!argument.options.has("yes")) {
    return {
      say: "This erases everything that you ever said in my hearing, in all conversations, with my answers to it, from my memory, my archive, its search and my summaries. It can't be undone. Order `/forget me yes` to go ahead. (What stands in the chat itself stays: delete it there.)",
      isShared: false,
    };
  }
  const { by, platform, saidAtMs, conversation, replyTo, dedupeId } = command;
  const receipt = { conversation, replyTo };
  // What was said before the order, and the order itself.
  const beforeMs = saidAtMs + 1;
  await ports.forgettings.begin({ id: dedupeId, platform, author: by.id, beforeMs, receipt }, signal);
  return {
    say: "I am forgetting everything that you said. I will tell you when it is done, and how much it was.",
    isShared: false,
  };
}

async function forgetThis(
  { ports, argument, recollection }: CommandCall,
  signal: AbortSignal,
): Promise<CommandResult> {
  const others = recollection.speakers.length;
  if (!argument.options.has("yes")) {
    const whose = others > 1 ? ` ${others} people have written here, and it is gone for all of them.` : "";
    return {
      say: `This erases everything that I keep of this conversation: messages, answers, summary, search.${whose} It can't be undone. Order \`/forget this yes\` to go ahead. (What stands in the chat itself stays: delete it there.)`,
      isShared: false,
    };
  }
  if (recollection.nextOrdinal === 1) return { say: nothingHere, isShared: false };
  const history = await readHistory(ports.ledger, recollection, {}, signal);
  const inMemory = recollection.messages.length;
  const lines = recollection.summary?.lines.length ?? 0;
  return {
    say: `Forgotten: ${history.length} messages of this conversation (${inMemory} in working memory, ${history.length} in the archive and its search within seconds) and ${lines} lines of summary. What is said from now on begins anew.`,
    isShared: false,
    erase: true,
    recollection: forgottenMark(recollection, ports.clock.nowMs()),
  };
}
