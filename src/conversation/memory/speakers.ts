import type { Speaker, RememberedMessage } from "../../domain/conversation-memory.ts";
import { isLabelFor, labelFor } from "../text/speaker-label.ts";
import { isQuotedId } from "../../domain/quoted.ts";
import { unknownName, type Message, type Author } from "../../domain/message.ts";

/** Whether a known speaker had no name so far, and this author has one. */
export function hadNoName(speakers: readonly Speaker[], { id, name }: Author): boolean {
  const known = speakers.find((speaker) => speaker.id === id);
  const nameless = { id, name: unknownName };
  return known !== undefined && name !== unknownName && isLabelFor(nameless, known.label, undefined);
}

/** Puts the author's new name on their earlier messages. Stored token counts stay as they are. */
export function renameAuthor(
  messages: RememberedMessage[],
  author: Author,
  now: Pick<RememberedMessage, "speaker" | "revision">,
): RememberedMessage[] {
  return messages.map((message) =>
    message.author.id === author.id ? { ...message, author, ...now } : message,
  );
}

/** What a new label must not collide with. */
export interface LabelConstraints {
  readonly messages: readonly RememberedMessage[];
  readonly botName: string | undefined;
}

/** Adds the author of a message to the speakers, or updates their label and last message time. */
export function upsertSpeaker(
  speakers: readonly Speaker[],
  { id: message, author, saidAtMs }: Pick<Message, "id" | "author" | "saidAtMs">,
  beside: LabelConstraints,
): readonly Speaker[] {
  const known = speakers.find(({ id }) => id === author.id);
  const lastAtMs = Math.max(known?.lastAtMs ?? 0, saidAtMs);
  // An app may post through a person's account: a speaker who wrote as a person stays one.
  const wasApp = known === undefined || known.isApp === true || known.lastAtMs === undefined;
  const isApp = author.isApp === true && wasApp;
  const isQuoted = isQuotedId(message) && (known === undefined || known.isQuoted === true);
  const timeZone = known?.timeZone ?? author.timeZone;
  const now = {
    lastAtMs,
    ...(isApp ? { isApp } : {}),
    ...(isQuoted ? { isQuoted } : {}),
    ...(timeZone === undefined ? {} : { timeZone }),
  };
  return updateLabel(speakers, author, beside).map((each) =>
    each.id === author.id ? Object.assign({ id: each.id, label: each.label }, now) : each,
  );
}

/**
 * Gives a new or renamed author a label from here on. Labels on remembered messages of other authors count as taken, even
 * if those authors have a new label by now.
 */
function updateLabel(
  speakers: readonly Speaker[],
  author: Author,
  { messages, botName }: LabelConstraints,
): readonly Speaker[] {
  const known = speakers.find(({ id }) => id === author.id);
  if (known !== undefined && (author.name === unknownName || isLabelFor(author, known.label, botName)))
    return speakers;
  const before = messages.map(({ author: { id }, speaker: label }) => ({ id, label }));
  const others = [...speakers, ...before].filter(({ id }) => id !== author.id);
  const now = { id: author.id, label: labelFor(author, others, botName) };
  if (known === undefined) return [...speakers, now];
  return speakers.map((speaker) => (speaker.id === author.id ? now : speaker));
}
