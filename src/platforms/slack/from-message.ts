import type { Addressing, Deleted, Edited, Inbound, Said } from "../../domain/inbound.ts";
import type { Attachment, Author, Message } from "../../domain/message.ts";
import type { MessageBody, MessageEvent } from "./bodies.ts";
import { permalinkOf } from "./permalink.ts";
import { callsGroup, mentionsIn, nameless, toPlainText, withoutMention } from "./plain-text.ts";
import { toAddress } from "./reply-target.ts";
import { authorId, keyOf, placeOf, type SlackFacts } from "./slack-facts.ts";

/** The subtypes that are people talking; the others are Slack's own notes (joined, renamed, pinned). */
export const talking: ReadonlySet<string> = new Set(["file_share", "thread_broadcast", "me_message"]);
const slackbot = "USLACKBOT";

export function fromMessage(body: MessageBody, facts: SlackFacts): Inbound | undefined {
  // In a shared channel `team_id` may be the other company's; ours is the one that was authorized, or for which it was
  // delivered: what is authorized may be a whole organisation.
  const team = body.authorizations?.[0]?.team_id ?? body.context_team_id ?? body.team_id ?? facts.teamId;
  const { event } = body;
  if (event.subtype === "message_changed") return fromChange(team, event, facts);
  if (event.subtype === "message_deleted") return fromDeletion(team, event, facts);
  return fromTalk(team, event, facts);
}

function fromTalk(team: string, event: MessageEvent, facts: SlackFacts): Said | undefined {
  const { channel, ts, user } = event;
  if (event.subtype != null && !talking.has(event.subtype)) return undefined;
  if (user == null || event.hidden === true || !isPerson(event, facts)) return undefined;
  const threadTs = event.thread_ts ?? ts;
  const timeZone = facts.zoneOf?.(user);
  const zone = timeZone === undefined ? {} : { timeZone };
  const author = { id: authorId(team, user), name: facts.nameOf(user) ?? nameless, ...zone };
  return {
    ...base(team, channel, threadTs),
    kind: "said",
    // Not the event's id: a mention comes as two events of one message.
    dedupeId: `slack:${team}:${channel}:${ts}`,
    addressing: addressingOf(event, event.text ?? "", facts.botUserId),
    message: toMessage({ team, author, wire: event.text ?? "" }, event, facts),
    replyTo: toAddress({ team, channel, threadTs, user }, facts.nowMs),
  };
}

/** What somebody said, whoever it was. */
export function toMessage(
  { team, author, wire }: { readonly team: string; readonly author: Author; readonly wire: string },
  { ts, channel, thread_ts: threadTs, files }: MessageEvent,
  facts: SlackFacts,
): Message {
  const place = { channel, ts, ...(threadTs == null ? {} : { threadTs }) };
  return {
    id: ts,
    author,
    text: readable(wire, facts),
    saidAtMs: Math.round(Number(ts) * 1_000) || facts.nowMs,
    attachments: (files ?? []).filter((file) => !isDeleted(file)).map(toAttachment),
    ...(facts.isOurs(team) ? { permalink: permalinkOf(place, facts) } : {}),
  };
}

function fromChange(team: string, event: MessageEvent, facts: SlackFacts): Edited | Deleted | undefined {
  const { channel, message, previous_message: previous } = event;
  if (message == null) return undefined;
  const threadTs = message.thread_ts ?? message.ts;
  const gone = { ts: message.ts, threadTs };
  // What is left of a deleted message that has replies says that Slackbot wrote it.
  if (message.subtype === "tombstone")
    return isOfNobody(previous, facts)
      ? undefined
      : deletion(team, channel, { ...gone, user: previous?.user }, facts);
  if (!isPerson(message, facts)) return undefined;
  if (isEmptied(message)) return deletion(team, channel, { ...gone, user: message.user }, facts);
  // Slack also changes messages by itself: previews of links, reply counts.
  if (message.text == null || message.text === previous?.text) return undefined;
  const version = message.edited?.ts ?? event.event_ts ?? event.ts;
  return {
    ...base(team, channel, threadTs),
    kind: "edited",
    dedupeId: `slack:${team}:${channel}:${message.ts}:edit:${version}`,
    message: message.ts,
    text: readable(message.text, facts),
    ...(message.user == null
      ? {}
      : { replyTo: toAddress({ team, channel, threadTs, user: message.user }, facts.nowMs) }),
  };
}

function fromDeletion(team: string, event: MessageEvent, facts: SlackFacts): Deleted | undefined {
  const { channel, deleted_ts: ts, previous_message: previous } = event;
  if (ts == null || isOfNobody(previous, facts)) return undefined;
  return deletion(team, channel, { ts, threadTs: previous?.thread_ts ?? ts, user: previous?.user }, facts);
}

interface Gone {
  readonly ts: string;
  readonly threadTs: string;
  /** Who had written it. Missing: Slack does not say, and perhaps not in which thread either. */
  readonly user: string | null | undefined;
}

function deletion(
  team: string,
  channel: string,
  { ts, threadTs, user }: Gone,
  { nowMs }: SlackFacts,
): Deleted {
  return {
    ...base(team, channel, threadTs),
    kind: "deleted",
    dedupeId: `slack:${team}:${channel}:${ts}:delete`,
    message: ts,
    ...(user == null ? {} : { replyTo: toAddress({ team, channel, threadTs, user }, nowMs) }),
  };
}

function base(team: string, channel: string, threadTs: string) {
  return { conversation: keyOf(team, channel, threadTs), platform: "slack", place: placeOf(team, channel) };
}

/** Neither a bot nor ourselves: an answer to either could go on for ever. */
function isPerson(
  { user, bot_id: botId }: Pick<MessageEvent, "user" | "bot_id">,
  { botUserId }: SlackFacts,
): boolean {
  return botId == null && user !== botUserId && user !== slackbot;
}

/** Whether Slack says that no person wrote it; it does not always say who did. */
function isOfNobody(previous: MessageEvent["previous_message"], facts: SlackFacts): boolean {
  return previous != null && !isPerson(previous, facts);
}

function addressingOf(event: MessageEvent, wire: string, botUserId: string): Addressing {
  const mentions = mentionsIn(wire);
  if (mentions.includes(botUserId)) return "mention";
  // An app_mention says no channel_type; the ids of DMs begin with a D.
  if (event.channel_type === "im" || event.channel.startsWith("D")) return "direct";
  return mentions.length > 0 || callsGroup(wire) ? "others" : "open";
}

function readable(wire: string, { botUserId, nameOf }: SlackFacts): string {
  return toPlainText(withoutMention(wire, botUserId), nameOf);
}

function toAttachment(file: File): Attachment {
  return {
    name: file.name ?? file.title ?? "file",
    ...(file.mimetype == null ? {} : { mediaType: file.mimetype }),
    ...(file.size == null ? {} : { sizeBytes: file.size }),
  };
}

type File = NonNullable<MessageEvent["files"]>[number];

/** It had nothing but files, and its author has deleted them. */
function isEmptied({ text, files }: Pick<MessageEvent, "text" | "files">): boolean {
  return (text ?? "") === "" && files != null && files.length > 0 && files.every(isDeleted);
}

function isDeleted({ mode }: File): boolean {
  return mode === "tombstone";
}
