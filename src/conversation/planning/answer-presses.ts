import type { ApprovalAnswer } from "../../domain/approval.ts";
import type { InboxEntry, Pressed } from "../../domain/inbound.ts";
import { coversEntry, type Turn } from "../../domain/turn.ts";

/** A press of a button under a request, in the inbox. */
export interface AnswerPress extends Omit<InboxEntry, "inbound"> {
  readonly inbound: Pressed & { readonly action: "approve" | "decline" };
}

/** What a press does. `answers`: it decides the request. `repeats`: it says what was decided. The others change nothing. */
export type PressVerdict = "answers" | "repeats" | "over" | "not-yours";

const answers = { approve: "approved", decline: "declined" } as const;

/** The presses under requests among some entries, in order. */
export function answerPressesIn(entries: readonly InboxEntry[]): readonly AnswerPress[] {
  return entries.flatMap(({ inbound, ...entry }) =>
    inbound.kind === "pressed" && (inbound.action === "approve" || inbound.action === "decline")
      ? [{ ...entry, inbound: { ...inbound, action: inbound.action } }]
      : [],
  );
}

/** The answer that a press gives. */
export function answerOf({ inbound }: AnswerPress): ApprovalAnswer {
  return answers[inbound.action];
}

/** The entries that count against a press: those before it, and what the turn covers. */
export function entriesBefore(
  running: Turn,
  waiting: readonly InboxEntry[],
  { seq }: AnswerPress,
): readonly InboxEntry[] {
  return waiting.filter((entry) => coversEntry(running, entry) || entry.seq < seq);
}

/** Judges a press. `isOpen`: whether nothing that came before it ended the request. */
export function judgePress(running: Turn | undefined, press: AnswerPress, isOpen: boolean): PressVerdict {
  const calls = running?.rounds?.flatMap((round) => round.calls) ?? [];
  const asked = calls.find(({ approval }) => approval?.id === press.inbound.on);
  if (asked?.approval === undefined) return "over";
  const { approval, result } = asked;
  if (press.inbound.by.id !== approval.person) return "not-yours";
  if (approval.answer === answerOf(press)) return "repeats";
  const isPast = approval.answer !== undefined || result !== undefined || running?.answer !== undefined;
  return isPast || !isOpen || press.acceptedAtMs >= approval.expiresAtMs ? "over" : "answers";
}
