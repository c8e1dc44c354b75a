import type { Downtime, Change, InboxEntry, Said } from "../../domain/inbound.ts";
import type { MessageId } from "../../domain/message.ts";
import { isEditCall } from "../inbounds/edit-calls.ts";
import { isOverdue } from "./is-overdue.ts";

type Step = Pick<InboxEntry, "acceptedAtMs"> & { readonly inbound: Said | Change };

/** The questions for the bot in one run of messages. */
interface Questions {
  /** The questions to answer: the last one, and the ids of all. */
  readonly fresh:
    | { readonly question: Said; readonly askedAtMs: number; readonly questions: readonly MessageId[] }
    | undefined;
  /** The last question that is too old to answer, and the downtime in which it was missed. */
  readonly late: { readonly question: Said; readonly downtime: Downtime } | undefined;
}

/**
 * Finds the messages that are addressed to the bot. An `open` message is, while only one person talks with the bot; apps do
 * not count. `speakers`: the Author ids of the people known before.
 */
export function questionsForBot(
  steps: readonly Step[],
  speakers: ReadonlySet<string>,
  answerWithinMs: number,
): Questions {
  const known = new Set(speakers);
  let fresh: Questions["fresh"];
  let late: Questions["late"];
  for (const { acceptedAtMs, inbound } of steps) {
    if (inbound.kind !== "said" && !isEditCall(inbound)) continue;
    const question = inbound.kind === "said" ? inbound : inbound.call;
    const { author } = question.message;
    if (author.isApp !== true) known.add(author.id);
    if (!isForBot(question, known.size)) continue;
    const { missed, message } = question;
    if (missed !== undefined && isOverdue(question, acceptedAtMs, answerWithinMs)) {
      late = { question, downtime: mergeDowntimes(late?.downtime, missed) };
    } else {
      const questions = [...(fresh?.questions ?? []), message.id];
      fresh = { question, questions, askedAtMs: missed === undefined ? acceptedAtMs : message.saidAtMs };
    }
  }
  return { fresh, late };
}

function mergeDowntimes(one: Downtime | undefined, other: Downtime): Downtime {
  if (one === undefined) return other;
  return { fromMs: Math.min(one.fromMs, other.fromMs), toMs: Math.max(one.toMs, other.toMs) };
}

/** Whether a message is addressed to the bot, in a conversation with this many people. */
export function isForBot({ addressing, message, mayCall }: Said, speakerCount: number): boolean {
  if (message.author.isApp === true && mayCall !== true) return false;
  switch (addressing) {
    case "mention":
    case "direct":
    case "reply":
      return true;
    case "open":
      return speakerCount === 1;
    case "others":
      return false;
  }
}
