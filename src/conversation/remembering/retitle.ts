import type { Change } from "../../domain/inbound.ts";
import type { Message, MessageId } from "../../domain/message.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import { titleFrom } from "../../domain/title.ts";
import { memoryChangeOf } from "../inbounds/registry.ts";

/** A memory, and its new title. */
interface Retitled {
  readonly memory: ConversationMemory;
  /** Missing: stays. */
  readonly title?: string;
}

/** What a turn adds to and changes in memory. */
interface Steps {
  readonly changes: readonly Change[];
  readonly said: readonly Message[];
}

/**
 * Updates the title. It quotes the first message until the model has made one, and again when a message that the model
 * used was changed or removed.
 */
export function retitle(before: ConversationMemory, after: ConversationMemory, steps: Steps): Retitled {
  const quoting = titleFromQuote(before, after, steps);
  const { titledFrom = [] } = after;
  if (titledFrom.length === 0) return quoting;
  const { changes } = steps;
  const isAsMade = titledFrom.every((id) => isUnchanged(id, { before, after, changes }));
  if (!isAsMade) return dropModelTitle(quoting.memory);
  const made = changes.find((each) => each.kind === "titled" && each.from === titledFrom);
  const title = made?.kind === "titled" ? made.title : undefined;
  return { memory: quoting.memory, ...(title === undefined ? {} : { title }) };
}

/** Drops the model's title: the title quotes the first message again, and the model is not asked again. */
export function dropModelTitle(memory: ConversationMemory): Retitled {
  const { titledBy, titledFrom = [] } = memory;
  return titledFrom.length === 0 ? { memory } : quoteFirstMessage({ ...memory, titledFrom: [] }, titledBy);
}

/**
 * Drops the model's title if it was made from a reply that was replaced: the title quotes the first message until the model,
 * which may be asked again, has made another one.
 */
export function retitleWithout(memory: ConversationMemory, reply: MessageId): Retitled {
  const { titledFrom = [], ...untitled } = memory;
  return titledFrom.includes(reply) ? quoteFirstMessage(untitled, memory.titledBy) : { memory };
}

/** The quoting title. It follows edits of its message, and quotes another one when that is removed. */
function titleFromQuote(
  before: ConversationMemory,
  after: ConversationMemory,
  { changes, said }: Steps,
): Retitled {
  const { titledBy } = before;
  if (titledBy === undefined) return quoteFirstMessage(after, said[0]?.id);
  const now = after.messages.find(({ id }) => id === titledBy);
  const wasHere = before.messages.some(({ id }) => id === titledBy);
  if (now === undefined && (wasHere || changes.some((each) => mayRemove(each, titledBy))))
    return quoteFirstMessage(after, undefined);
  const edit = changes.findLast((each) => each.kind === "edited" && each.message === titledBy);
  if (edit?.kind !== "edited") return { memory: after };
  return { memory: after, title: titleFrom(edit.text) };
}

/** Needed even without changes: the message that accept used for the title may have been edited or deleted since. */
function quoteFirstMessage(after: ConversationMemory, by: MessageId | undefined): Retitled {
  const { titledBy: _, ...rest } = after;
  const people = after.messages.filter(({ role }) => role === "person");
  const titling = people.find(({ id }) => id === by) ?? people[0];
  return {
    memory: titling === undefined ? rest : { ...rest, titledBy: titling.id },
    title: titleFrom(titling?.text ?? ""),
  };
}

function isUnchanged(
  id: MessageId,
  {
    before,
    after,
    changes,
  }: {
    readonly before: ConversationMemory;
    readonly after: ConversationMemory;
    readonly changes: readonly Change[];
  },
): boolean {
  const known = before.messages.find((message) => message.id === id);
  const now = after.messages.find((message) => message.id === id);
  if (known !== undefined) return now?.text === known.text;
  return !changes.some((each) => mayRemove(each, id) || (each.kind === "edited" && each.message === id));
}

function mayRemove(change: Change, id: MessageId): boolean {
  return memoryChangeOf(change).mayRemove(change, id);
}
