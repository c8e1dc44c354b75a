import type { ConversationKey } from "../domain/conversation.ts";
import type { Deleted, Edited } from "../domain/inbound.ts";
import type { Author, Message, MessageId } from "../domain/message.ts";
import type { Recollection, RememberedMessage, Speaker } from "../domain/recollection.ts";
import { spokenText } from "./spoken-text.ts";

type CountTokens = (text: string) => number;

/** The memory of a conversation in which nothing has been said. */
export function nothingYet(conversation: ConversationKey): Recollection {
  return { version: 1, conversation, chapter: 1, messages: [], leftOut: 0, speakers: [] };
}

/** Remembers what people said. A message that is remembered already stays as it is: retries change nothing. */
export function withSaid(
  recollection: Recollection,
  said: readonly Message[],
  countTokens: CountTokens,
): Recollection {
  const known = new Set(recollection.messages.map((message) => message.id));
  let speakers = recollection.speakers;
  const messages = [...recollection.messages];
  for (const message of said) {
    if (known.has(message.id)) continue;
    known.add(message.id);
    speakers = withSpeaker(speakers, message.author);
    const speaker = speakers.find(({ id }) => id === message.author.id)?.label ?? message.author.name;
    messages.push(
      counted(
        { ...message, role: "person", speaker, chapter: recollection.chapter, answers: [] },
        countTokens,
      ),
    );
  }
  return { ...recollection, messages, speakers };
}

/** Remembers a reply, or a `notice` that only people see. */
export function withReply(
  recollection: Recollection,
  reply: {
    readonly id: MessageId;
    readonly role: "bot" | "notice";
    readonly text: string;
    readonly answers: readonly MessageId[];
    readonly saidAtMs: number;
  },
  countTokens: CountTokens,
): Recollection {
  if (recollection.messages.some((message) => message.id === reply.id)) return recollection;
  const author = { id: "bot", name: "Threadkeeper" };
  const message: Omit<RememberedMessage, "tokens"> = {
    id: reply.id,
    author,
    text: reply.text,
    saidAtMs: reply.saidAtMs,
    attachments: [],
    role: reply.role,
    speaker: author.name,
    chapter: recollection.chapter,
    answers: reply.answers,
  };
  return { ...recollection, messages: [...recollection.messages, counted(message, countTokens)] };
}

/** Follows edits and deletions of remembered messages; those of others change nothing. */
export function withChanges(
  recollection: Recollection,
  changes: readonly (Edited | Deleted)[],
  countTokens: CountTokens,
): Recollection {
  let messages = recollection.messages;
  for (const change of changes) {
    messages =
      change.kind === "deleted"
        ? messages.filter((message) => message.id !== change.message)
        : messages.map((message) =>
            message.id === change.message && message.role === "person"
              ? counted({ ...message, text: change.text }, countTokens)
              : message,
          );
  }
  return { ...recollection, messages };
}

function counted(message: Omit<RememberedMessage, "tokens">, countTokens: CountTokens): RememberedMessage {
  // Providers add a few tokens of their own around every message.
  return { ...message, tokens: message.role === "notice" ? 0 : countTokens(spokenText(message)) + 4 };
}

function withSpeaker(speakers: readonly Speaker[], author: Author): readonly Speaker[] {
  if (speakers.some(({ id }) => id === author.id)) return speakers;
  return [...speakers, { id: author.id, label: labelFor(author, speakers) }];
}

/** The first Ada is "Ada", the next person of that name "Ada (2)": two people never look like one to the model. */
function labelFor(author: Author, speakers: readonly Speaker[]): string {
  const name = author.name.replaceAll(/[\s:]+/gu, " ").trim() || "Someone";
  const taken = new Set(speakers.map(({ label }) => label));
  let label = name;
  for (let count = 2; taken.has(label); count += 1) label = `${name} (${count})`;
  return label;
}
