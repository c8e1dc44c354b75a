import type { Edited, Inbound, InboxEntry, Said } from "../../domain/inbound.ts";
import type { Message, MessageId } from "../../domain/message.ts";
import { editMessage } from "../../domain/edit-message.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import { isSaidBy } from "../../domain/said-by.ts";
import { ArchiveError, type Archive } from "../../ports/archive.ts";
import type { Log } from "../../ports/log.ts";
import { isMessageChange } from "../../domain/message-change.ts";

/** An edit after which the message calls the bot. */
export type EditCall = Edited & { readonly call: Said };

/** Whether an inbound is an edit that calls the bot. */
export function isEditCall(inbound: Inbound): inbound is EditCall {
  return inbound.kind === "edited" && inbound.call !== undefined;
}

/**
 * Sets `isNewCall` on edits that call the bot with a message that only the archive still has, and that was never answered.
 * Not every platform tells the earlier text. Marks none while the archive is unreachable.
 */
export async function markCallsOnArchived(
  { archive, log }: { readonly archive: Archive; readonly log: Log },
  { messages, erasing }: ConversationMemory,
  waiting: readonly InboxEntry[],
  signal: AbortSignal,
): Promise<readonly InboxEntry[]> {
  const isQuestionless = async ({ conversation, message: id }: EditCall): Promise<boolean> => {
    const kept = await archive.find(conversation, id, signal);
    if (kept === undefined || kept.role !== "person" || kept.author.isApp === true) return false;
    if (erasing !== undefined && kept.ordinal < erasing.beforeOrdinal) return false;
    return (await archive.derivedFrom(conversation, [id], signal)).length === 0;
  };
  const marked = async (entry: InboxEntry): Promise<InboxEntry> => {
    const { inbound } = entry;
    if (!isEditCall(inbound) || inbound.isNewCall === true) return entry;
    if (messages.some(({ id }) => id === inbound.message)) return entry;
    return (await isQuestionless(inbound)) ? { ...entry, inbound: { ...inbound, isNewCall: true } } : entry;
  };
  try {
    return await Promise.all(waiting.map(marked));
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error;
    log.warn({ err: error }, "an edit that calls the bot may be ignored: the archive is unreachable");
    return waiting;
  }
}

/**
 * Keeps `call` only on edits that really call the bot: a person's message that was received and not answered, or one that
 * is older than memory. The last of several edits counts; none does if the message is removed.
 */
export function resolveEditCalls(
  before: ConversationMemory,
  waiting: readonly InboxEntry[],
): readonly InboxEntry[] {
  return waiting.map((entry, index) => {
    const { inbound } = entry;
    if (!isEditCall(inbound)) return entry;
    const { call, ...edit } = inbound;
    const isLast = waiting.slice(index + 1).every(({ inbound: later }) => !replaces(later, call));
    const heard = isLast ? unansweredMessageIn(before, waiting, inbound) : undefined;
    if (heard === undefined) return { ...entry, inbound: edit };
    return { ...entry, inbound: { ...edit, call: { ...call, message: editMessage(heard, edit) } } };
  });
}

/** Moves messages that an edit made questions to the end of memory, for the prompt only: a prompt ends with its question. */
export function moveCalledLast(memory: ConversationMemory, said: readonly MessageId[]): ConversationMemory {
  const { messages, chapter, nextOrdinal: ordinal } = memory;
  const last = said.flatMap((id) => messages.find((each) => each.id === id) ?? []);
  const others = messages.filter((each) => !last.includes(each));
  return {
    ...memory,
    messages: [...others, ...last.map((each) => Object.assign({}, each, { chapter, ordinal }))],
  };
}

function replaces(later: Inbound, { message }: Said): boolean {
  if (isMessageChange(later)) return later.message === message.id;
  return later.kind === "forgot" && isSaidBy(later, message);
}

/** The message of an edit call, if it was not answered yet. Undefined: answered, unknown, or written by an app. */
function unansweredMessageIn(
  { messages, erasing }: ConversationMemory,
  waiting: readonly InboxEntry[],
  { call: { message }, isNewCall }: EditCall,
): Message | undefined {
  const { id } = message;
  const said = waiting.find(({ inbound }) => inbound.kind === "said" && inbound.message.id === id)?.inbound;
  if (said?.kind === "said") return said.message.author.isApp === true ? undefined : said.message;
  const known = messages.find((each) => each.id === id);
  if (known === undefined) return isNewCall === true ? message : undefined;
  if (known.role !== "person" || known.author.isApp === true) return undefined;
  const isAnswered = messages.some(
    ({ role, answers, questions = answers }) => role !== "person" && questions.includes(id),
  );
  if (isAnswered || known.ordinal < (erasing?.beforeOrdinal ?? 0)) return undefined;
  const { author, text, saidAtMs, attachments, permalink, inReplyTo } = known;
  const links = {
    ...(permalink === undefined ? {} : { permalink }),
    ...(inReplyTo === undefined ? {} : { inReplyTo }),
  };
  return { id, author, text, saidAtMs, attachments, ...links };
}
