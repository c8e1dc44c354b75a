import type { ConversationKey } from "../../../domain/conversation.ts";
import type { CommandInbound, Inbound, Pressed } from "../../../domain/inbound.ts";
import { beginsConversation } from "../../../domain/offer.ts";
import { isMessageChange, type MessageChange } from "../../../domain/message-change.ts";
import { isReaction, type Reaction } from "../../../domain/reaction.ts";
import type { ReplyAddress } from "../../../domain/reply-address.ts";
import { ArchiveError } from "../../../ports/archive.ts";
import type { Directory } from "../../../ports/directory.ts";
import type { OwnPosts } from "../outbound/own-posts.ts";
import { keyOf, partsOf } from "../wire/keys.ts";
import { targetOf } from "../wire/reply-target.ts";

/** The stored conversation of an inbound. Undefined for a command or press in a conversation that the bot is not in. */
export async function locateInbound(
  directory: Directory,
  inbound: Inbound,
  signal: AbortSignal,
): Promise<ConversationKey | undefined> {
  const { conversation } = inbound;
  if (inbound.kind === "commanded" || inbound.kind === "pressed") {
    if (await isKnown(directory, inbound, signal)) return conversation;
    if (inbound.kind === "pressed" && beginsConversation(inbound)) return conversation;
    // The answer to a slash command stands in the channel, and belongs to the channel's own conversation.
    return inbound.kind === "pressed" ? locatePost(directory, inbound, signal) : undefined;
  }
  if (!isMessageChange(inbound)) return conversation;
  if (inbound.kind === "edited" && inbound.isByApp === true) return conversation;
  if (!conversation.endsWith(`:${inbound.message}`)) return conversation;
  // It may be a reply all the same: Slack does not always name the thread.
  return (await locateChange(directory, inbound, signal)) ?? conversation;
}

/**
 * Undefined: the message is unknown. While the archive is unavailable it stays where Slack says; the core corrects it
 * later.
 */
export async function locateChange(
  directory: Directory,
  { conversation, place, message }: MessageChange,
  signal: AbortSignal,
): Promise<ConversationKey | undefined> {
  try {
    return await directory.locate("slack", place, message, signal);
  } catch (error) {
    if (error instanceof ArchiveError) return conversation;
    throw error;
  }
}

/**
 * The conversation of a reaction's message, of which Slack does not name the thread. Where it is unknown, it may be the first one of a thread. An unknown conversation
 * ignores the reaction.
 */
export async function locateReaction(
  { directory, ownPosts }: { readonly directory: Directory; readonly ownPosts: Pick<OwnPosts, "threadOf"> },
  { conversation, place, reactedTo: ts }: Reaction,
  signal: AbortSignal,
): Promise<ConversationKey> {
  const located = await directory.locate("slack", place, ts, signal);
  if (located !== undefined) return located;
  // A post of an answer that is being written is in no directory yet.
  const { team, channel } = partsOf(conversation);
  const threadTs = ownPosts.threadOf({ channel, ts });
  return threadTs === undefined ? conversation : keyOf(team, channel, threadTs);
}

async function locatePost(
  directory: Directory,
  { place, replyTo }: Pressed,
  signal: AbortSignal,
): Promise<ConversationKey | undefined> {
  const { messageTs } = targetOf(replyTo);
  return messageTs === undefined ? undefined : directory.locate("slack", place, messageTs, signal);
}

async function isKnown(
  directory: Directory,
  { conversation, place, replyTo }: CommandInbound | Pressed,
  signal: AbortSignal,
): Promise<boolean> {
  const { messageTs, threadTs } = targetOf(replyTo);
  for (const ts of new Set([messageTs ?? threadTs, threadTs])) {
    if (ts === undefined) return true;
    if ((await directory.locate("slack", place, ts, signal)) === conversation) return true;
  }
  // A bot that was called in the middle of a thread may have received neither of the two messages.
  return (await directory.entry(conversation, signal)) !== undefined;
}

/** Moves an inbound to its stored conversation. Its answer goes to that thread, even if Slack did not name it. */
export function moveTo(conversation: ConversationKey, inbound: Inbound): Inbound {
  if (inbound.conversation === conversation) return inbound;
  if (isReaction(inbound)) {
    const { threadTs = inbound.reactedTo } = partsOf(conversation);
    return { ...inbound, conversation, replyTo: inThread(inbound.replyTo, threadTs) };
  }
  if (!isMessageChange(inbound) || inbound.replyTo === undefined) return { ...inbound, conversation };
  const { threadTs = inbound.message } = partsOf(conversation);
  const moved = { ...inbound, conversation, replyTo: inThread(inbound.replyTo, threadTs) };
  if (moved.kind !== "edited" || moved.call === undefined) return moved;
  return { ...moved, call: { ...moved.call, conversation, replyTo: moved.replyTo } };
}

function inThread(replyTo: ReplyAddress, threadTs: string): ReplyAddress {
  return { ...replyTo, target: { ...replyTo.target, threadTs } };
}
