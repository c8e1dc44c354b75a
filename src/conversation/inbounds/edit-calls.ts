import type { Edited, Inbound, InboxEntry, Said } from "../../domain/inbound.ts";
import type { Message, MessageId } from "../../domain/message.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import { isSaidBy } from "../../domain/said-by.ts";
import { ArchiveError, type Archive } from "../../ports/archive.ts";
import type { Log } from "../../ports/log.ts";

/** An edit that makes a call of a message that was only overheard. */
export type EditCall = Edited & { readonly call: Said };

/** Whether a message calls the bot by its edit. */
export function isEditCall(inbound: Inbound): inbound is EditCall {
  return inbound.kind === "edited" && inbound.call !== undefined;
}

/**
 * What waits, with each edit marked that calls about a message which only the archive still has, and which no answer of
 * ours rests on there: not every platform says what a message was before. While the archive is away, none is.
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
    log.warn({ err: error }, "an edit may call about what only the archive has, which is away");
    return waiting;
  }
}

/**
 * What waits, with each edit that names the bot as a call only where it makes one: the message was heard, as a person's,
 * and was no question yet; or it is older than what is remembered. Of several edits of a message the last one counts, and none where the message goes.
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
    return { ...entry, inbound: { ...edit, call: { ...call, message: { ...heard, text: edit.text } } } };
  });
}

/** The memory that a prompt is made of, with what was called upon by edits among what was just said: prompts end with it. */
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
  if (later.kind === "edited" || later.kind === "deleted") return later.message === message.id;
  return later.kind === "forgot" && isSaidBy(later, message);
}

/** The message, as it was heard and not answered, or as it is where nobody heard it. */
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
