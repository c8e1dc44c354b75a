import type { CommandInbound } from "../../domain/inbound.ts";
import type { ReplyAddress } from "../../domain/reply-address.ts";
import { PlatformError, type ClosedWhy } from "../../ports/platform-error.ts";
import type { Unanswered } from "../../ports/platform-private-replies.ts";
import { withReference } from "../text/user-messages.ts";
import { writesNote } from "../text/writes-note.ts";
import type { AnswerPlan, LatePlan, StopPlan } from "../planning/plan.ts";
import { type TurnPorts } from "../planning/turn-ports.ts";
import { retry } from "../async/retry.ts";
import type { ReplyWriter } from "../reply/reply-writer.ts";
import { platformFor } from "../reply/platform-for.ts";

const reasons: Readonly<Record<ClosedWhy, string>> = {
  archived: "the channel is archived",
  locked: "the thread is locked",
  restricted: "only certain people may post there. An admin can let me in",
  outside: "I'm not in that channel (any more). Invite me, and ask again",
  permission: "I don't have permission to post there. An admin can grant it",
  policy: "your organisation's rules don't let me post there. Please tell your admin",
  filtered: "a word filter there blocks what I wrote",
  direct: "I can't send direct messages there",
  full: "the thread is full, or too many threads are open there. Close some, and ask again",
  "slow-mode": "the slow mode there held me back for too long",
};

interface Refused {
  readonly reply: ReplyWriter;
  readonly plan: AnswerPlan | LatePlan | StopPlan;
  readonly error: PlatformError;
  readonly reference: string;
}

/**
 * Tells the author in private, once, that the place accepts no answer, and what became of the calls that changed something
 * for them. The line gives nothing else of the answer: its reader may not be allowed to read it. A failure is logged only.
 */
export async function notifyUnanswered(
  ports: Pick<TurnPorts, "platforms" | "clock" | "log">,
  { reply, plan, error, reference }: Refused,
  signal: AbortSignal,
): Promise<void> {
  const { covers, question } = plan;
  const { told = [], rounds } = reply.turn;
  const note = writesNote(rounds, true);
  // A person who deleted the place or the message expects no answer.
  const expectsNone = plan.kind === "stop" || isGoneForAll(error);
  if ((expectsNone && note === "") || covers.some((id) => told.includes(id))) return;
  // Saved first: a second line would be worse than none.
  await reply.saveTurn({ told: [...told, ...covers] }, signal);
  const { id: message, permalink } = question.message;
  const text = lineFor(error, permalink, reference) + note;
  await notifyRefused(ports, question.replyTo, { text, message }, signal);
}

/** Sends the line. Rejects only when the signal aborts. */
export async function notifyRefused(
  ports: Pick<TurnPorts, "platforms" | "clock" | "log">,
  to: ReplyAddress,
  line: Unanswered,
  signal: AbortSignal,
): Promise<void> {
  const platform = platformFor(ports, to.platform);
  const tell = () =>
    platform.notifyUnanswered?.(to, line, signal) ?? platform.sendPrivately(to, [line.text], signal);
  try {
    const lost = await retry(ports.clock, signal, () => orLost(tell));
    if (lost !== undefined) throw lost;
  } catch (error) {
    signal.throwIfAborted();
    ports.log.warn({ err: error }, "could not tell a person that their message can't be answered");
  }
}

/** A line that may have been shown is not sent again. */
async function orLost(tell: () => Promise<void>): Promise<PlatformError | undefined> {
  try {
    await tell();
    return undefined;
  } catch (error) {
    if (error instanceof PlatformError && error.kind === "unreachable") return error;
    throw error;
  }
}

function isGoneForAll({ kind, closed }: PlatformError): boolean {
  return kind === "gone" && closed === undefined;
}

/** Tells the author of a written command that its answer can't be shown. Rejects only when the signal aborts. */
export async function notifyAnswerLost(
  ports: Pick<TurnPorts, "platforms" | "clock" | "ids" | "log">,
  { message, replyTo }: CommandInbound,
  error: PlatformError,
  signal: AbortSignal,
): Promise<void> {
  if (message === undefined || isGoneForAll(error)) return;
  const text = lineFor(error, undefined, ports.ids.reference());
  await notifyRefused(ports, replyTo, { text, message }, signal);
}

/** "your message", as a link where it has one. */
export function messageLink(permalink: string | undefined): string {
  return permalink === undefined ? "your message" : `[your message](${permalink})`;
}

function lineFor({ closed, kind }: PlatformError, permalink: string | undefined, reference: string): string {
  const message = messageLink(permalink);
  const unknown = kind === "rejected" ? "what I wrote was rejected there" : "I'm not allowed to post there";
  const why = closed === undefined ? unknown : reasons[closed];
  return withReference(`I can't reply to ${message}: ${why}.`, reference);
}
