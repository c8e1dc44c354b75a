import type { Clock } from "../../ports/clock.ts";
import type { ErasureRequest, ErasureRequests, Receipt } from "../../ports/erasure-requests.ts";
import type { Log } from "../../ports/log.ts";
import { PlatformError } from "../../ports/platform-error.ts";
import type { Platform } from "../../ports/platform.ts";
import { maxWaitMs, pauseAfter } from "../recovery/back-off.ts";
import { retry } from "../async/retry.ts";

export interface ReceiptPorts {
  readonly erasureRequests: ErasureRequests;
  readonly platforms: ReadonlyMap<string, Platform>;
  readonly clock: Clock;
  readonly log: Log;
}

/** What was erased. */
export interface Counts {
  conversations: number;
  inMemory: number;
  summaries: number;
  inArchive: number;
  replies: number;
  /** Conversations that have not erased the person's messages yet. */
  stuck: number;
}

/** The receipt that the person reads. `isOurPage`: see Platform. */
export function receiptText(
  { conversations, inMemory, inArchive, replies, summaries, stuck }: Counts,
  isOurPage: boolean,
): string {
  // Most messages are in both stores.
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
 * Sends a receipt. While the platform is away or rate-limits us, the receipt stays owed and is sent when the hold ends.
 * After a day it is dropped, and the log says so.
 */
export async function sendReceipt(
  ports: ReceiptPorts,
  { id, platform }: ErasureRequest,
  { replyTo, owed }: Receipt,
  signal: AbortSignal,
): Promise<void> {
  const { erasureRequests, platforms, clock, log } = ports;
  const { text = "", sinceMs = clock.nowMs() } = owed ?? {};
  try {
    await retry(clock, signal, async () => {
      const target = platforms.get(platform);
      // The operator may turn it on again within the day.
      if (target === undefined) throw new PlatformError("unreachable", "The platform is turned off");
      await target.sendPrivately(replyTo, [text], signal);
    });
  } catch (error) {
    signal.throwIfAborted();
    const waitedMs = clock.nowMs() - sinceMs;
    if (error instanceof PlatformError && error.isPassing && waitedMs < maxWaitMs) {
      const pauseMs = pauseAfter(error, waitedMs);
      log.warn({ err: error, kind: error.kind, pauseMs }, "an erasure receipt waits for the platform");
      await erasureRequests.hold(id, pauseMs, signal);
      return;
    }
    log.error({ err: error }, "an erasure receipt could not be sent; the person was not told");
  }
  await erasureRequests.markReceiptSent(id, signal);
}
