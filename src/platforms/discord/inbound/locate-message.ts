import type { ConversationKey } from "../../../domain/conversation.ts";
import { ArchiveError } from "../../../ports/archive.ts";
import type { Directory } from "../../../ports/directory.ts";
import { conversationOf, type Room } from "../api/channels.ts";
import { repliedMessageId, type GatewayMessage } from "./to-said.ts";

/** Finds the conversation of a message by the message's id. */
export type Locate = (message: string) => Promise<ConversationKey | undefined>;

/** Where a message was found. `isUnknown`: it was never stored. False while the archive is unreachable. */
export interface Location {
  readonly located?: ConversationKey | undefined;
  readonly isUnknown: boolean;
}

/**
 * Looks a message up. Never waits for the archive, which would block the whole channel: a reply to an old message starts a
 * conversation instead, and the core places a change when the archive is back.
 */
export async function lookUp(
  directory: Directory,
  { place }: Room,
  message: string,
  signal: AbortSignal,
): Promise<Location> {
  try {
    const located = await directory.locate("discord", place, message, signal);
    return { located, isUnknown: located === undefined };
  } catch (error) {
    if (error instanceof ArchiveError) return { isUnknown: false };
    throw error;
  }
}

/** As `lookUp`, where it does not matter why a message was not found. */
export async function locateIfKnown(
  directory: Directory,
  room: Room,
  message: string,
  signal: AbortSignal,
): Promise<ConversationKey | undefined> {
  return (await lookUp(directory, room, message, signal)).located;
}

/** The conversation of the message that a message replies to. */
export async function answeredConversation(
  message: GatewayMessage,
  locate: Locate,
): Promise<ConversationKey | undefined> {
  const answered = repliedMessageId(message);
  if (answered === undefined) return undefined;
  // The bot's post is stored when its turn ends; until then the question it replies to leads to the conversation.
  const question = message.referenced_message?.message_reference?.message_id;
  return (await locate(answered)) ?? (question === undefined ? undefined : locate(question));
}

/**
 * The conversation to which an unlocated message may belong. Backfilled messages are not listed by id: they are in
 * their thread, or started one. An unknown conversation ignores the change.
 */
export function fallbackConversation(room: Room, message: string): ConversationKey {
  return room.kind === "channel" ? `discord:${room.guild}:${message}` : conversationOf(room);
}
