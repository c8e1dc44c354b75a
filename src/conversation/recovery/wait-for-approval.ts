import { citedMessages } from "../../domain/tool-round.ts";
import { coversEntry, requestOf, type Lease, type Turn } from "../../domain/turn.ts";
import type { ClaimedConversation } from "../planning/claimed-conversation.ts";
import type { TurnPorts } from "../planning/turn-ports.ts";

/** The turn waits for a person's press. It goes on then, or when the request expires. */
export class AwaitingApprovalError extends Error {
  override readonly name = "AwaitingApprovalError";
  readonly expiresAtMs: number;

  constructor(expiresAtMs: number) {
    super("Waiting for a person's approval");
    this.expiresAtMs = expiresAtMs;
  }
}

/** A press whose process died before it scheduled the conversation is found after this time. */
const lookEveryMs = 60_000;

/** Postpones a conversation whose turn waits for a press. It is planned again at the press, or when the request expires. */
export async function waitForApproval(
  { inbox, clock, scheduleIn }: Pick<TurnPorts, "inbox" | "clock" | "scheduleIn">,
  { conversation }: Lease,
  { expiresAtMs }: AwaitingApprovalError,
  signal: AbortSignal,
): Promise<void> {
  const nowMs = clock.nowMs();
  await inbox.postpone(conversation, Math.min(expiresAtMs, nowMs + lookEveryMs), signal);
  scheduleIn(conversation, Math.max(0, expiresAtMs - nowMs));
}

/** When the shown request of a turn expires. Undefined: it has none, it has expired, or people don't see it any more. */
export function shownUntil(
  { clock, platforms }: Pick<TurnPorts, "clock" | "platforms">,
  turn: Turn | undefined,
): number | undefined {
  const request = turn && requestOf(turn);
  if (request === undefined || turn?.request !== request.id || !isSeen({ platforms }, turn)) return undefined;
  return clock.nowMs() < request.expiresAtMs ? request.expiresAtMs : undefined;
}

/** Whether people see the last post of a turn, as far as this process can tell. */
export function isSeen(
  { platforms }: Pick<TurnPorts, "platforms">,
  { posts, replyTo }: Pick<Turn, "posts" | "replyTo">,
): boolean {
  const id = posts.at(-1)?.id;
  const platform = platforms.get(replyTo.platform);
  return id === undefined || platform?.showsReply?.(replyTo, id) !== false;
}

/**
 * Ends a look at a turn that still waits for a press, before memory is read. What the request quotes of other messages needs
 * memory to be checked. @throws {AwaitingApprovalError}
 */
export function throwIfStillAsking(
  ports: Pick<TurnPorts, "clock" | "platforms">,
  { running, waiting }: Pick<ClaimedConversation, "running" | "waiting">,
): void {
  const untilMs = shownUntil(ports, running);
  if (running === undefined || untilMs === undefined) return;
  const { covers, rounds = [] } = running;
  const isAll = waiting.length === covers.length && waiting.every((entry) => coversEntry(running, entry));
  if (isAll && citedMessages(rounds).length === 0) throw new AwaitingApprovalError(untilMs);
}
