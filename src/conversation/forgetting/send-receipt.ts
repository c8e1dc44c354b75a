import type { Clock } from "../../ports/clock.ts";
import type { ErasureRequest, ErasureRequests, Receipt } from "../../ports/erasure-requests.ts";
import type { Log } from "../../ports/log.ts";
import { PlatformError, type Platform } from "../../ports/platform.ts";
import { longestWaitMs, pauseAfter } from "../turn/back-off.ts";
import { retry } from "../async/retry.ts";

export interface ReceiptPorts {
  readonly erasureRequests: ErasureRequests;
  readonly platforms: ReadonlyMap<string, Platform>;
  readonly clock: Clock;
  readonly log: Log;
}

/** How much went. */
export interface Counts {
  conversations: number;
  inMemory: number;
  summaries: number;
  inArchive: number;
  replies: number;
  /** Conversations that have not forgotten the person yet: they are stuck. */
  stuck: number;
}

/** What the person is told. `isOurPage`: see Platform. */
export function receiptText(
  { conversations, inMemory, inArchive, replies, summaries, stuck }: Counts,
  isOurPage: boolean,
): string {
  // Most messages are in both.
  const messages = Math.max(inMemory, inArchive);
  const where = conversations === 1 ? "1 conversation" : `${conversations} conversations`;
  const rewritten = summaries === 1 ? "1 summary is" : `${summaries} summaries are`;
  const waiting = stuck === 1 ? "1 busy conversation follows" : `${stuck} busy conversations follow`;
  return [
    `Done. I deleted ${messages} of your messages and ${replies} of my replies from ${where}.`,
    ...(summaries === 0 ? [] : [`${rewritten} being rewritten without you.`]),
    ...(stuck === 0 ? [] : [`${waiting} soon.`]),
    isOurPage ? "" : "I won't pick them up again. Your messages in the chat itself stay.",
  ]
    .join(" ")
    .trim();
}

/**
 * Gives a receipt that is owed. While the platform is away or slows us down it stays owed, and is given when the hold is
 * over: for a day at most, as with all that waits; then the log says that the person was not reached.
 */
export async function giveReceipt(
  ports: ReceiptPorts,
  { id, platform }: ErasureRequest,
  { replyTo, owed }: Receipt,
  signal: AbortSignal,
): Promise<void> {
  const { erasureRequests, platforms, clock, log } = ports;
  const { text = "", sinceMs = clock.nowMs() } = owed ?? {};
  try {
    await retry(clock, signal, async () => {
      const there = platforms.get(platform);
      // Perhaps it is switched on again tomorrow.
      if (there === undefined) throw new PlatformError("unreachable", "The platform is switched off");
      await there.tell(replyTo, [text], signal);
    });
  } catch (error) {
    signal.throwIfAborted();
    const waitedMs = clock.nowMs() - sinceMs;
    if (error instanceof PlatformError && error.isPassing && waitedMs < longestWaitMs) {
      const pauseMs = pauseAfter(error, waitedMs);
      log.warn({ err: error, kind: error.kind, pauseMs }, "a receipt for forgetting has to wait");
      await erasureRequests.hold(id, pauseMs, signal);
      return;
    }
    log.error({ err: error }, "a receipt for forgetting could not be given");
  }
  await erasureRequests.settle(id, signal);
}
