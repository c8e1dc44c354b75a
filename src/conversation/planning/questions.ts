import type { Downtime, Change, InboxEntry, Said } from "../../domain/inbound.ts";
import type { MessageId } from "../../domain/message.ts";
import { isEditCall } from "../inbounds/edit-calls.ts";
import { isCall, reactionTo, type ModeThere } from "../addressing/addressing.ts";
import { isOverdue } from "../addressing/is-overdue.ts";

type Step = Pick<InboxEntry, "acceptedAtMs"> & { readonly inbound: Said | Change };

/** The questions for the bot in one run of messages. */
interface Questions {
  /** The questions to answer: the last one, and the ids of all. */
  readonly fresh:
    | { readonly question: Said; readonly askedAtMs: number; readonly questions: readonly MessageId[] }
    | undefined;
  /** The last question that is too old to answer, and the downtime in which it was missed. */
  readonly late: { readonly question: Said; readonly downtime: Downtime } | undefined;
  /** The calls of people that are not answered because the bot is muted. */
  readonly muted: readonly Said[];
}

/** What decides which messages are questions. */
export interface QuestionRules {
  readonly replyMode: ModeThere;
  /** A missed message older than this is not answered. */
  readonly answerWithinMs: number;
}

/** What decides it besides the settings. */
export interface AnsweringRules extends QuestionRules {
  /** Whether a message is a command that a turn answers as a question. Missing: none is. */
  readonly isOrder?: (said: Said) => boolean;
}

/** Finds the messages that the bot answers. `speakers`: the Author ids of the people known before. */
export function questionsForBot(
  steps: readonly Step[],
  speakers: ReadonlySet<string>,
  { replyMode, answerWithinMs, isOrder }: AnsweringRules,
): Questions {
  const people = new Set(speakers);
  let fresh: Questions["fresh"];
  let late: Questions["late"];
  const muted: Said[] = [];
  for (const { acceptedAtMs, inbound } of steps) {
    if (inbound.kind !== "said" && !isEditCall(inbound)) continue;
    const question = inbound.kind === "said" ? inbound : inbound.call;
    const { author } = question.message;
    if (author.isApp !== true) people.add(author.id);
    const isMutedCall = replyMode === "muted" && isPersonsCall(question);
    const isAnswered = isMutedCall && isOrder?.(question) === true;
    if (!isAnswered && reactionTo(question, replyMode, { isKnown: true, people: people.size }) !== "answer") {
      if (isMutedCall) muted.push(question);
      continue;
    }
    const { missed, message } = question;
    if (missed !== undefined && isOverdue(question, acceptedAtMs, answerWithinMs)) {
      late = { question, downtime: mergeDowntimes(late?.downtime, missed) };
    } else {
      const questions = [...(fresh?.questions ?? []), message.id];
      fresh = { question, questions, askedAtMs: missed === undefined ? acceptedAtMs : message.saidAtMs };
    }
  }
  return { fresh, late, muted };
}

/** A missed call is too old for a line about it. */
function isPersonsCall(said: Said): boolean {
  return said.missed === undefined && said.message.author.isApp !== true && isCall(said);
}

function mergeDowntimes(one: Downtime | undefined, other: Downtime): Downtime {
  if (one === undefined) return other;
  return { fromMs: Math.min(one.fromMs, other.fromMs), toMs: Math.max(one.toMs, other.toMs) };
}
