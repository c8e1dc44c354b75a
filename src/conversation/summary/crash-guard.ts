import type { ConversationKey } from "../../domain/conversation.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { UsageCounters } from "../../ports/usage.ts";

interface Ports {
  readonly usage: UsageCounters;
  readonly clock: Clock;
  readonly log: Log;
}

/** Process crashes allowed per conversation and day while it is summarized. */
const maxCrashes = 5;

/**
 * Runs a summary unless it crashed the process too often today. Then resolves to undefined, and the conversation goes on
 * without one. Each run is counted before and uncounted after, so only crashes stay counted. @throws {StoreError}, and
 * errors of `summarize`.
 */
export async function guardAgainstCrashes<T>(
  { usage, clock, log }: Ports,
  conversation: ConversationKey,
  summarize: () => Promise<T>,
  signal: AbortSignal,
): Promise<T | undefined> {
  const counter = `foldDeaths:${conversation}`;
  const startedAtMs = clock.nowMs();
  const over = await usage.charge([{ counter, amount: 1, limit: maxCrashes }], startedAtMs, signal);
  if (over !== undefined) {
    log.error(
      { crashes: maxCrashes },
      "summarizing crashed the process repeatedly; paused until tomorrow, report it with the log before the crash",
    );
    return undefined;
  }
  try {
    return await summarize();
  } finally {
    usage.adjust([{ counter, amount: -1 }], startedAtMs);
  }
}
