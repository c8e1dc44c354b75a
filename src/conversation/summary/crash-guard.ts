import type { ConversationKey } from "../../domain/conversation.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { UsageCounters } from "../../ports/usage.ts";

interface Ports {
  readonly usage: UsageCounters;
  readonly clock: Clock;
  readonly log: Log;
}

/** So many processes may end in a day while they fold one conversation. */
const maxDeaths = 5;

/**
 * Folds, unless that ended the process again and again today: then undefined, and the conversation goes on without. Counted
 * before, and given back after: who dies in between gives nothing back. @throws {StoreError}, and what the fold throws.
 */
export async function guardAgainstCrashes<T>(
  { usage, clock, log }: Ports,
  conversation: ConversationKey,
  summarize: () => Promise<T>,
  signal: AbortSignal,
): Promise<T | undefined> {
  const counter = `foldDeaths:${conversation}`;
  const startedAtMs = clock.nowMs();
  const over = await usage.charge([{ counter, amount: 1, limit: maxDeaths }], startedAtMs, signal);
  if (over !== undefined) {
    log.error({ deaths: maxDeaths }, "a fold that ended the process again and again waits for tomorrow");
    return undefined;
  }
  try {
    return await summarize();
  } finally {
    const back = usage.charge([{ counter, amount: -1 }], startedAtMs, AbortSignal.timeout(5_000));
    await back.catch((error: unknown) => log.debug({ err: error }, "usage was not settled"));
  }
}
