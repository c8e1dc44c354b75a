import {
  MessageFlags,
  MessageReferenceType,
  MessageType,
  type APIAttachment,
  type GatewayMessageCreateDispatchData,
} from "discord.js";

import type { ConversationKey } from "../../../domain/conversation.ts";
import type { Addressing, Said } from "../../../domain/inbound.ts";
import type { Attachment, Author, Message } from "../../../domain/message.ts";
import type { ReplyAddress } from "../../../domain/reply-address.ts";
import { titleFrom } from "../../../domain/title.ts";
import { threadOf } from "../outbound/conversation-picker.ts";
import { addressOf } from "../wire/address.ts";
import { fileRefOf } from "../wire/file-ref.ts";
import type { Room } from "../api/channels.ts";
import { filesInComponents } from "../text/component-text.ts";
import { fileName } from "../text/file-name.ts";
import { isByApp, textOf } from "../text/message-text.ts";
import { mentionsIn, type Names } from "../text/markdown-to-text.ts";

/** A message as the gateway sends it, with the author's server name. */
export type GatewayMessage = GatewayMessageCreateDispatchData;

const maxThreadNameLength = 100;

/** Messages of people, bots' messages and responses to commands, and poll results. */
const chatMessageTypes: ReadonlySet<MessageType> = new Set([
  MessageType.Default,
  MessageType.Reply,
  MessageType.ChatInputCommand,
  MessageType.ContextMenuCommand,
  MessageType.PollResult,
]);

/** False for Discord's announcements and for the bot's own posts. */
export function isChatMessage(
  { type, author }: Pick<GatewayMessage, "type" | "author">,
  self: string,
): boolean {
  return chatMessageTypes.has(type) && author.id !== self;
}

/** Whether the text is the author's own words. */
function isTalk({ type }: GatewayMessage): boolean {
  return type === MessageType.Default || type === MessageType.Reply;
}

/** True for an app's response to a command. */
export function isCommandResponse({ type }: Pick<GatewayMessage, "type">): boolean {
  return type === MessageType.ChatInputCommand || type === MessageType.ContextMenuCommand;
}

/** True while an app is still preparing its response ("is thinking…"). */
export function isPlaceholder({ flags }: Pick<GatewayMessage, "flags">): boolean {
  return ((flags ?? 0) & MessageFlags.Loading) !== 0;
}

/** The id of the message that this one replies to. A forward is not a reply. */
export function repliedMessageId(message: GatewayMessage): string | undefined {
  const reference = message.message_reference;
  return reference?.type === MessageReferenceType.Forward ? undefined : reference?.message_id;
}

export function addressingOf(message: GatewayMessage, self: string, names: Names): Addressing {
  if (!isTalk(message)) return "others";
  const mentions = mentionsIn(message.content);
  if (mentions.some(names.isBot)) return "mention";
  if (message.guild_id === undefined) return "direct";
  const answered =
    repliedMessageId(message) === undefined ? undefined : message.referenced_message?.author.id;
  if (answered === self) return "reply";
  const answersOther = answered !== undefined && answered !== message.author.id;
  return answersOther || mentions.length > 0 || message.mention_everyone ? "others" : "open";
}

export interface SaidContext {
  readonly room: Room;
  readonly conversation: ConversationKey;
  readonly addressing: Addressing;
  /** It starts a conversation in a plain channel and gets a thread. */
  readonly opensThread: boolean;
  /** The message it replies to, if the conversation should know it. */
  readonly quoted?: Message | undefined;
}

export function toSaid(message: GatewayMessage, names: Names, where: SaidContext): Said {
  const { room, conversation, addressing, quoted } = where;
  const said = { ...messageOf(message, names, room), ...(quoted === undefined ? {} : { quoted }) };
  return {
    kind: "said",
    conversation,
    dedupeId: `discord:${message.id}`,
    platform: "discord",
    place: room.place,
    addressing,
    message: said,
    replyTo: replyAddress(message, where, said.text),
  };
}

export function messageOf(
  message: GatewayMessage,
  names: Names,
  { guild, channel }: Pick<Room, "guild" | "channel">,
): Message {
  const inReplyTo = message.type === MessageType.Reply ? repliedMessageId(message) : undefined;
  return {
    id: message.id,
    author: authorOf(message),
    text: textOf(message, names),
    saidAtMs: Date.parse(message.timestamp),
    attachments: attachmentsOf(message),
    permalink: `https://discord.com/channels/${guild ?? "@me"}/${channel}/${message.id}`,
    ...(inReplyTo === undefined ? {} : { inReplyTo }),
  };
}

/** The address of the reply to an edited message. */
export function addressForEdit(
  message: GatewayMessage,
  where: Pick<SaidContext, "room" | "conversation">,
  text: string,
): ReplyAddress {
  // The thread has the id of the message that started it.
  const opensThread = where.room.kind === "channel" && where.conversation.endsWith(`:${message.id}`);
  return replyAddress(message, { ...where, opensThread }, text);
}

/**
 * The address of a rewritten reply after one of its messages was deleted. Discord does not name the deleted message's
 * author.
 */
export function addressForDeletion(
  message: string,
  { room, conversation }: Pick<SaidContext, "room" | "conversation">,
): ReplyAddress {
  // The thread that it started has its id, and remains.
  const hasThread = room.kind === "channel" && conversation.endsWith(`:${message}`);
  const topic = threadOf({ conversation });
  const base = { channel: hasThread ? message : room.channel, message, user: "", topic };
  return addressOf({ ...base, how: room.kind === "direct" ? "direct" : "reply" });
}

function replyAddress(
  message: GatewayMessage,
  { room, conversation, opensThread }: Pick<SaidContext, "room" | "conversation" | "opensThread">,
  text: string,
): ReplyAddress {
  const topic = threadOf({ conversation });
  const base = { channel: room.channel, message: message.id, user: message.author.id, topic };
  if (opensThread) return addressOf({ ...base, how: "thread", threadName: threadName(text) });
  return addressOf({ ...base, how: room.kind === "direct" ? "direct" : "reply" });
}

function threadName(text: string): string {
  // Thread names show no mentions; an @ would only look like one.
  const name = titleFrom(text.replaceAll("@", "")).slice(0, maxThreadNameLength);
  return name === "" ? "Conversation" : name;
}

export function authorOf(message: GatewayMessage): Author {
  const { author, member } = message;
  const name = member?.nick ?? author.global_name ?? author.username;
  return { id: author.id, name, ...(isByApp(message) ? { isApp: true } : {}) };
}

/** Includes forwarded files. An app's component may show a file that is also listed. */
export function attachmentsOf(message: GatewayMessage): readonly Attachment[] {
  const forwarded = (message.message_snapshots ?? []).map((snapshot) => snapshot.message);
  const listed = [message, ...forwarded].flatMap(({ attachments }) =>
    attachments.map((file) => toAttachment(message, file)),
  );
  const shown = [message, ...forwarded].flatMap(({ components = [] }) => filesInComponents(components));
  const names = new Set(
    [message, ...forwarded].flatMap(({ attachments }) => attachments.map(({ filename }) => filename)),
  );
  return [...listed, ...shown.filter(({ name }) => !names.has(name))];
}

function toAttachment({ id, channel_id: channel }: GatewayMessage, file: APIAttachment): Attachment {
  const { content_type: mediaType, size } = file;
  return {
    name: fileName(file),
    sizeBytes: size,
    ...(mediaType === undefined ? {} : { mediaType }),
    ref: fileRefOf(channel, id, file.id),
  };
}
