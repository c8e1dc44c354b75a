import type { Speaker, RememberedMessage } from "../../domain/conversation-memory.ts";
import { isLabelFor, labelFor } from "../text/speaker-label.ts";
import { isQuotedId } from "../../domain/quoted.ts";
import { unknownName, type Message, type Author } from "../../domain/message.ts";

export function hadNoName(speakers: readonly Speaker[], { id, name }: Author): boolean {
  const known = speakers.find((speaker) => speaker.id === id);
  const nameless = { id, name: unknownName };
  return known !== undefined && name !== unknownName && isLabelFor(nameless, known.label, undefined);
}

/** What was said under no name gets the name that is known now. Its tokens stay as they were counted. */
export function renameAuthor(
  messages: RememberedMessage[],
  author: Author,
  now: Pick<RememberedMessage, "speaker" | "revision">,
): RememberedMessage[] {
  return messages.map((message) =>
    message.author.id === author.id ? { ...message, author, ...now } : message,
  );
}

/** What decides how somebody is called. */
export interface LabelConstraints {
  readonly messages: readonly RememberedMessage[];
  readonly botName: string | undefined;
}

export function upsertSpeaker(
  speakers: readonly Speaker[],
  { id: message, author, saidAtMs }: Pick<Message, "id" | "author" | "saidAtMs">,
  beside: LabelConstraints,
): readonly Speaker[] {
  const known = speakers.find(({ id }) => id === author.id);
  const lastAtMs = Math.max(known?.lastAtMs ?? 0, saidAtMs);
  // An app may write in the name of a person's account.
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
 * A person who was renamed, or whose name was not known before, has the new label from here on. A label that others had,
 * and under which their messages still stand, is nobody else's.
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
