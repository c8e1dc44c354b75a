import type { RememberedMessage } from "../../domain/conversation-memory.ts";

/** Messages in a record of their own, which never changes: what replaces it gets another id. */
export interface Page {
  readonly id: string;
  /** Never empty. */
  readonly messages: readonly RememberedMessage[];
  /** About what it costs to hold it, in characters of text. */
  readonly chars: number;
}

/** What a message costs besides its text. */
const messageChars = 500;
const fullChars = 3_000;
const leastPerPage = 4;
/** A memory that is not longer has no pages: a single record is lost less often when a file is damaged. */
const short = { messages: 8, chars: 8_000 };

/** Each write has the messages that fill no page yet and the ids of all pages, so that both should be few. */
function messagesPerPage(messages: number): number {
  return Math.max(leastPerPage, Math.round(Math.sqrt(messages) / 5));
}

/** Where the messages of a memory are stored. */
interface Split {
  readonly pages: readonly Page[];
  /** The newest messages, which don't fill a page yet. */
  readonly tail: readonly RememberedMessage[];
}

export function pageOf(id: string, messages: readonly RememberedMessage[]): Page {
  return { id, messages, chars: textChars(messages) + messages.length * messageChars };
}

/**
 * Splits messages into pages. Keeps each known page whose messages stand there unchanged, as the same objects. What is
 * left is stored in new pages, together with the page before it unless that is full.
 */
export function splitIntoPages(
  messages: readonly RememberedMessage[],
  known: readonly Page[],
  newId: () => string,
): Split {
  if (messages.length <= short.messages && textChars(messages) < short.chars)
    return { pages: [], tail: messages };
  const most = messagesPerPage(messages.length);
  const knownFrom = new Map(known.map((page) => [page.messages[0], page]));
  const pages: Page[] = [];
  let loose: RememberedMessage[] = [];
  for (let index = 0; index < messages.length; index += 1) {
    const page = knownFrom.get(messages[index]);
    if (page !== undefined && standsAt(page, messages, index)) {
      pages.push(...chunksOf(loose, most).map((each) => pageOf(newId(), each)), page);
      loose = [];
      index += page.messages.length - 1;
      continue;
    }
    if (loose.length === 0) loose.push(...takeUnfilled(pages, most));
    loose.push(...messages.slice(index, index + 1));
  }
  const chunks = chunksOf(loose, most);
  const last = chunks.at(-1);
  const tail = last === undefined || isFull(last, most) ? [] : last;
  if (tail.length > 0) chunks.pop();
  return { pages: [...pages, ...chunks.map((each) => pageOf(newId(), each))], tail };
}

function standsAt({ messages }: Page, all: readonly RememberedMessage[], from: number): boolean {
  return messages.every((message, index) => all[from + index] === message);
}

/** Removes the last page unless it is full, and returns its messages. */
function takeUnfilled(pages: Page[], most: number): readonly RememberedMessage[] {
  const last = pages.at(-1);
  if (last === undefined || isFull(last.messages, most)) return [];
  pages.pop();
  return last.messages;
}

/** Only the last one may not be full. */
function chunksOf(messages: readonly RememberedMessage[], most: number): (readonly RememberedMessage[])[] {
  const chunks: RememberedMessage[][] = [];
  for (const message of messages) {
    const last = chunks.at(-1);
    if (last === undefined || isFull(last, most)) chunks.push([message]);
    else last.push(message);
  }
  return chunks;
}

function isFull(messages: readonly RememberedMessage[], most: number): boolean {
  return messages.length >= most || textChars(messages) >= fullChars;
}

function textChars(messages: readonly RememberedMessage[]): number {
  return messages.reduce((sum, { text }) => sum + text.length, 0);
}
