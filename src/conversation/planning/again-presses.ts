import type { ConversationMemory, RememberedMessage } from "../../domain/conversation-memory.ts";
import type { InboxEntry, Pressed } from "../../domain/inbound.ts";
import type { Reasked } from "../../domain/own-inbounds.ts";
import { saidIn } from "../../domain/file-texts.ts";
import { isCutAnswer } from "../../domain/cut-answer.ts";
import { canReanswer, isPlaceholder } from "../memory/reanswer.ts";

/** A press of Regenerate or Continue, in the inbox. */
export interface AgainPress extends Omit<InboxEntry, "inbound"> {
  readonly inbound: Pressed;
}

/** What a press is about, as memory knows it. */
export interface AskedAgain {
  readonly reply: RememberedMessage;
  /** The question to answer again: the last one of the reply. */
  readonly question: RememberedMessage;
  /** Wrote one of the questions. */
  readonly isAsker: boolean;
}

/** `done`: another press has done this, or does it; it changes nothing. `gone`: the answer can't be given again. */
export type AgainVerdict = AskedAgain | "done" | "gone";

/** The presses of Regenerate and Continue among some entries, in order. */
export function againPressesIn(entries: readonly InboxEntry[]): readonly AgainPress[] {
  return entries.flatMap(({ inbound, ...entry }) =>
    inbound.kind === "pressed" && (inbound.action === "regenerate" || inbound.action === "continue")
      ? [{ ...entry, inbound }]
      : [],
  );
}

/** Judges a press by memory and by the questions that wait to be answered again. */
export function judgeAgain(
  memory: ConversationMemory,
  waiting: readonly Reasked[],
  { inbound: { on, by, action }, acceptedAtMs }: AgainPress,
): AgainVerdict {
  const { messages, records = [], since, windowFrom } = memory;
  const reply = messages.find(({ turnId, role }) => turnId === on && role !== "person");
  if (reply === undefined) return records.some(({ replaces }) => replaces === on) ? "done" : "gone";
  const isWaiting = waiting.some((each) => each.reply === reply.id && canReanswer(memory, each));
  // It failed in the meantime, so that the old answer stands.
  const wasTried = records.some(
    ({ id, replyId, finishedAtMs }) => id !== on && replyId === reply.id && finishedAtMs >= acceptedAtMs,
  );
  if (isWaiting || wasTried || isPlaceholder(reply)) return "done";
  if (action === "continue" && !isCutAnswer(saidIn(reply))) return "done";
  const current = (each: RememberedMessage): boolean => each.chapter >= since && each.ordinal >= windowFrom;
  const ids = reply.questions ?? reply.answers;
  const questions = messages.filter((each) => each.role === "person" && ids.includes(each.id));
  const question = questions.findLast(current);
  const hasPosts = reply.posts !== undefined && reply.posts.length > 0;
  if (question === undefined || !current(reply) || !hasPosts) return "gone";
  return { reply, question, isAsker: questions.some(({ author }) => author.id === by.id) };
}

/** The inbound that asks again, for a press. */
export function reaskForPress(
  { inbound }: AgainPress,
  { reply: { id: reply, posts = [], answers }, question }: AskedAgain,
): Reasked {
  const { conversation, platform, place, replyTo, by: author, action, dedupeId } = inbound;
  const base = { kind: "reasked", conversation, platform, place, replyTo, author } as const;
  return { ...base, message: question.id, reply, posts, answers, action, dedupeId: `again:${dedupeId}` };
}
