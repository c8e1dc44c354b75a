import type { Addressing, Deleted, Inbound, Said } from "../../../domain/inbound.ts";
import { hasSameFiles } from "../../../domain/edit-message.ts";
import type { Attachment, Message } from "../../../domain/message.ts";
import { authorOf, isSpoken } from "./authors.ts";
import { messageBody, type MessageBody, type MessageEvent } from "../wire/payload-schemas.ts";
import { fileRefOf } from "../wire/file-ref.ts";
import { fileName, isCutSnippet, isShownFile, withoutTranscript } from "../text/file-text.ts";
import { messageText } from "../text/message-text.ts";
import { isOwn } from "../outbound/own-posts.ts";
import { permalinkOf } from "../wire/permalink.ts";
import { callsGroup, mentionsIn } from "../text/mrkdwn-to-text.ts";
import { toAddress } from "../wire/reply-target.ts";
import { keyOf, placeOf, type SlackFacts } from "../wire/keys.ts";
import { isApp, isWorkflow } from "../wire/authorship.ts";
import type { MessageChange } from "../../../domain/message-change.ts";

/**
 * Converts a message event: a new message, an edit or a deletion. Undefined for everything else.
 * https://docs.slack.dev/reference/events/message
 */
export function fromMessage(body: MessageBody, facts: SlackFacts): Inbound | undefined {
  const team = teamOf(body, facts);
  const { event } = body;
  if (event.subtype === "message_changed") return fromChange(team, event, facts);
  if (event.subtype === "message_deleted") return fromDeletion(team, event, facts);
  return fromNewMessage(team, event, facts);
}

/**
 * In a shared channel `team_id` may be the other company's. Ours is the authorized one, or in an organisation (where the
 * authorization may name no workspace) the one that the event was delivered for.
 */
export function teamOf(
  body: Pick<MessageBody, "authorizations" | "context_team_id" | "team_id">,
  facts: SlackFacts,
): string {
  return body.authorizations?.[0]?.team_id ?? body.context_team_id ?? body.team_id ?? facts.teamId;
}

function fromNewMessage(team: string, event: MessageEvent, facts: SlackFacts): Said | undefined {
  const { channel, ts, user } = event;
  if (!isSpoken(event, facts)) return undefined;
  const threadTs = event.thread_ts ?? ts;
  // An app's top-level post is no inbound; it is read as history when the bot is called in its thread.
  if (isApp(event) && threadTs === ts && !isWorkflow(event)) return undefined;
  const message = toMessage(team, event, facts);
  // What was just written in a channel has no replies yet.
  const isUnthreaded = event.thread_ts == null && !channel.startsWith("D");
  // An app's post without text (a divider, a picture without a description) is dropped.
  if (isApp(event) && message.text === "" && message.attachments.length === 0) return undefined;
  return {
    ...base(team, channel, threadTs),
    kind: "said",
    // Not the event's id: one mention comes as two events (app_mention and message).
    // https://docs.slack.dev/reference/events/app_mention
    dedupeId: `slack:${team}:${channel}:${ts}`,
    addressing: addressingOf(event, facts.botUserId),
    message,
    replyTo: toAddress({ team, channel, threadTs, user: user ?? event.bot_id ?? "", isUnthreaded }, facts),
    ...(facts.answersWorkflows === true && isApp(event) && isWorkflow(event) ? { mayCall: true } : {}),
  };
}

/** The message of a person or an app. */
export function toMessage(team: string, event: MessageEvent, facts: SlackFacts): Message {
  const { ts, channel, thread_ts: threadTs, files } = event;
  const place = { channel, ts, ...(threadTs == null ? {} : { threadTs }) };
  return {
    id: ts,
    author: authorOf(event, team, facts),
    text: messageText(event, facts),
    saidAtMs: Math.round(Number(ts) * 1_000) || facts.nowMs,
    attachments: attachmentsOf(files, facts),
    ...(facts.isOurs(team) ? { permalink: permalinkOf(place, facts) } : {}),
  };
}

function fromChange(team: string, event: MessageEvent, facts: SlackFacts): MessageChange | undefined {
  const { channel, message, previous_message: previous } = event;
  if (message == null) return undefined;
  const threadTs = message.thread_ts ?? message.ts;
  const deleted = { ts: message.ts, threadTs };
  // The tombstone of a deleted message with replies names Slackbot as its author.
  if (message.subtype === "tombstone")
    return isOurs(previous, facts)
      ? undefined
      : deletion(team, channel, { ...deleted, user: previous?.user }, facts);
  if (!isSpoken(message, facts)) return undefined;
  if (isEmptied(message)) return deletion(team, channel, { ...deleted, user: message.user }, facts);
  const read = (form: Inner): string => messageText({ ...form, channel }, facts);
  const text = read(message);
  // Slack also sends this event for its own changes: link previews, reply counts.
  const attachments = attachmentsOf(message.files, facts);
  const isSame = previous != null && previous.text === message.text && read(previous) === text;
  const before = attachmentsOf(previous?.files, facts);
  if (isSame && hasSameFiles(before, attachments)) return undefined;
  const isUnedited = isUneditedSince(message, previous);
  // A change without an edit keeps the time of the author's last edit, so the event's time is its version.
  const version = (isUnedited ? undefined : message.edited?.ts) ?? event.event_ts ?? event.ts;
  const { channel_type: channelType } = event;
  const said = { ...message, type: "message" as const, channel, channel_type: channelType };
  // Slack adds linked messages and transcripts of clips a little later. A person takes a file away, also without an edit.
  const isByMachine = isApp(message) || (isUnedited && !losesFile(before, attachments));
  const isCall = !isByMachine && addressingOf(said, facts.botUserId) === "mention";
  const call = isCall ? fromNewMessage(team, said, facts) : undefined;
  return {
    ...base(team, channel, threadTs),
    kind: "edited",
    dedupeId: `slack:${team}:${channel}:${message.ts}:edit:${version}`,
    message: message.ts,
    text,
    ...(message.files == null && previous?.files == null ? {} : { attachments }),
    ...(message.user == null
      ? {}
      : { replyTo: toAddress({ team, channel, threadTs, user: message.user }, facts) }),
    ...(call === undefined ? {} : { call }),
    ...(call === undefined || !isCalledNow(previous, facts) ? {} : { isNewCall: true as const }),
    ...(isByMachine ? { isByApp: true } : {}),
  };
}

/** Whether the author has not edited the text. */
function isUneditedSince({ text, edited }: Inner, previous: Inner | null | undefined): boolean {
  return previous != null && text === previous.text && edited?.ts === previous.edited?.ts;
}

function losesFile(before: readonly Attachment[], after: readonly Attachment[]): boolean {
  const left = new Set(after.map(({ ref }) => ref?.id));
  return before.some(({ ref }) => ref !== undefined && !left.has(ref.id));
}

/** Whether a message that calls the bot did not before. */
function isCalledNow(previous: Inner | null | undefined, { botUserId }: SlackFacts): boolean {
  return previous != null && !mentionsIn(previous.text ?? "").includes(botUserId);
}

type Inner = NonNullable<MessageEvent["message"]>;

/**
 * The deletion of one of our own posts. Undefined for everything else. It says nothing of who deleted it: we may have.
 * Nobody is to be told of it.
 */
export function fromOwnDeletion(body: unknown, facts: SlackFacts): Deleted | undefined {
  const parsed = messageBody.safeParse(body);
  if (!parsed.success || parsed.data.event.subtype !== "message_deleted") return undefined;
  const { channel, deleted_ts: ts, previous_message: previous } = parsed.data.event;
  if (ts == null || !isOurs(previous, facts)) return undefined;
  const threadTs = previous?.thread_ts ?? ts;
  return deletion(teamOf(parsed.data, facts), channel, { ts, threadTs, user: undefined }, facts);
}

function fromDeletion(team: string, event: MessageEvent, facts: SlackFacts): Deleted | undefined {
  const { channel, deleted_ts: ts, previous_message: previous } = event;
  if (ts == null || isOurs(previous, facts)) return undefined;
  return deletion(team, channel, { ts, threadTs: previous?.thread_ts ?? ts, user: previous?.user }, facts);
}

interface DeletedMessage {
  readonly ts: string;
  readonly threadTs: string;
  /** The author. Missing: Slack omits it, and then maybe the thread too. */
  readonly user: string | null | undefined;
}

function deletion(
  team: string,
  channel: string,
  { ts, threadTs, user }: DeletedMessage,
  facts: SlackFacts,
): Deleted {
  return {
    ...base(team, channel, threadTs),
    kind: "deleted",
    dedupeId: `slack:${team}:${channel}:${ts}:delete`,
    message: ts,
    ...(user == null ? {} : { replyTo: toAddress({ team, channel, threadTs, user }, facts) }),
  };
}

function base(team: string, channel: string, threadTs: string) {
  return { conversation: keyOf(team, channel, threadTs), platform: "slack", place: placeOf(team, channel) };
}

/** Whether we wrote the message. False where Slack omits the author. */
function isOurs(previous: MessageEvent["previous_message"], facts: SlackFacts): boolean {
  return previous != null && isOwn(previous, facts);
}

function addressingOf(event: MessageEvent, botUserId: string): Addressing {
  if (event.type === "app_mention") return "mention";
  const wire = event.text ?? "";
  const mentions = mentionsIn(wire);
  if (mentions.includes(botUserId)) return "mention";
  // An app_mention has no channel_type; ids of DMs begin with a D.
  if (event.channel_type === "im" || event.channel.startsWith("D")) return "direct";
  return mentions.length > 0 || callsGroup(wire) ? "others" : "open";
}

function attachmentsOf(files: MessageEvent["files"], facts: SlackFacts): readonly Attachment[] {
  return (files ?? []).filter((file) => !isDeleted(file)).map((file) => toAttachment(file, facts));
}

function toAttachment(file: File, { teamId, hearsClips }: SlackFacts): Attachment {
  const ref = file.id == null ? undefined : fileRefOf(teamId, file.id);
  const isShown = isShownFile(hearsClips === true ? withoutTranscript(file) : file);
  return {
    name: fileName(file),
    ...(file.mimetype == null ? {} : { mediaType: file.mimetype }),
    ...(file.size == null ? {} : { sizeBytes: file.size }),
    ...(isShown ? { isShown } : {}),
    ...(ref === undefined ? {} : { ref, ...(isCutSnippet(file) ? { isCut: true } : {}) }),
  };
}

type File = NonNullable<MessageEvent["files"]>[number];

/** A message of files alone, all of them deleted. */
function isEmptied({ text, files }: Pick<MessageEvent, "text" | "files">): boolean {
  return (text ?? "") === "" && files != null && files.length > 0 && files.every(isDeleted);
}

function isDeleted({ mode }: File): boolean {
  return mode === "tombstone";
}
