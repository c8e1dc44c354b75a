import type { InboxEntry } from "../../domain/inbound.ts";
import type { Lease, Wait } from "../../domain/turn.ts";
import { maxPostponementMs } from "../../ports/inbox.ts";
import { StaleLeaseError } from "../../ports/journal.ts";
import { MemoryError } from "../../ports/memory.ts";
import { ModelError } from "../../ports/model.ts";
import { PlatformError } from "../../ports/platform-error.ts";
import { StoreError } from "../../ports/store-error.ts";
import { placeholderTurn } from "./placeholder-turn.ts";
import { deadLetterTurn } from "./dead-letter-turn.ts";
import type { GiveUpPorts } from "./failed-turn.ts";
import { isMemoryUnreachable } from "./is-outage.ts";
import { faultOf } from "./refused-answer.ts";
import { notifyOutage } from "./notify-outage.ts";
import { notifySlowMode } from "./notify-slow-mode.ts";
import { rulesOf } from "../inbounds/registry.ts";
import type { TurnPorts } from "../planning/turn-ports.ts";
import type { ClaimedConversation } from "../planning/claimed-conversation.ts";
import { retryDelayMs } from "../../async/retry-delay.ts";

/** The longest wait for an outage. */
export const maxWaitMs = 24 * 3_600_000;

/** Rate limits usually pass within seconds. Longer ones are logged as warnings, because people can't be told. */
const longRateLimitMs = 60_000;

const storePolls = { firstMs: 250, longestMs: 2_000, allMs: 60_000 } as const;

/**
 * Handles the error of an attempt: leaves the entries in the inbox, and postpones the conversation. The pause grows from a
 * second to five minutes, or is what the platform or model asked for. After an outage of the stores, the turn runs again at
 * once. A ModelError gets here only if it may pass. @throws {StaleLeaseError}, {StoreError} if the stores stay unreachable.
 */
export async function backOff(
  ports: TurnPorts,
  situation: ClaimedConversation,
  error: unknown,
  signal: AbortSignal,
): Promise<"more" | "rest"> {
  const { lease, waiting, running } = situation;
  const isStoreAway = error instanceof StoreError || error instanceof MemoryError;
  if (isStoreAway && !(await waitForStores(ports, lease, signal))) throw error;
  if (error instanceof StoreError) {
    ports.log.warn({ err: error }, "the stores were unreachable; the turn runs again");
    return "more";
  }
  const nowMs = ports.clock.nowMs();
  const waitedMs = nowMs - (waiting[0]?.acceptedAtMs ?? nowMs);
  const overdue = overdueIn(waiting, error, nowMs);
  if (overdue.length > 0) return giveUpWaiting(ports, { ...situation, waiting: overdue }, error, signal);
  if (!(await isWorthWaiting(ports, situation, error, signal))) return "more";
  const pauseMs = pauseAfter(error, waitedMs);
  await ports.inbox.postpone(lease.conversation, nowMs + pauseMs, signal);
  if (error instanceof PlatformError && error.kind === "rate-limited") {
    const isLong = waitedMs > longRateLimitMs;
    ports.log[isLong ? "warn" : "info"](
      { err: error, pauseMs },
      "a turn waits for the platform's rate limit",
    );
    ports.scheduleIn(lease.conversation, pauseMs);
    await notifySlowMode(ports, situation, error, signal);
    return "rest";
  }
  const what = missingPart(error);
  const isKnown = what !== undefined && running?.waitsFor?.what === what;
  // The reference stays the same for one outage: people see it.
  const reference = (isKnown ? running.waitsFor?.reference : undefined) ?? ports.ids.reference();
  const isOutage = what !== undefined || error instanceof PlatformError;
  const facts = { err: error, ...kindOf(error), reference, isOutage };
  ports.log[isKnown ? "warn" : "error"](facts, "a turn failed and will be tried again");
  if (!isOutage) await countAttempt(ports, situation, signal);
  if (what !== undefined) await notifyOutage(ports, { ...situation, wait: { what, reference } }, signal);
  return "rest";
}

/**
 * The entries from the first one that has waited too long. Without memory, edits and deletions keep waiting: a deletion must
 * not get lost.
 */
function overdueIn(waiting: readonly InboxEntry[], error: unknown, nowMs: number): readonly InboxEntry[] {
  const isSought = ({ inbound }: InboxEntry): boolean =>
    !isMemoryUnreachable(error) || rulesOf(inbound).expectsAnswer;
  const first = waiting.findIndex(isSought);
  const acceptedAtMs = waiting[first]?.acceptedAtMs ?? nowMs;
  return nowMs - acceptedAtMs > maxWaitMs ? waiting.slice(first) : [];
}

/** False: run the turn again at once. It may have been dead-lettered. */
async function isWorthWaiting(
  ports: GiveUpPorts,
  situation: ClaimedConversation,
  error: unknown,
  signal: AbortSignal,
): Promise<boolean> {
  const fault = await faultOf(ports, situation, error, signal);
  if (fault === "answer") {
    const running = await ports.journal.running(situation.lease, signal);
    const why = "its answer was refused again and again, where other text was taken";
    await deadLetterTurn(ports, { ...situation, running, why }, signal);
  }
  return fault === "platform";
}

/** Dead-letters the turn after the longest wait. */
async function giveUpWaiting(
  ports: GiveUpPorts,
  situation: ClaimedConversation,
  error: unknown,
  signal: AbortSignal,
): Promise<"more"> {
  const running = await ports.journal.running(situation.lease, signal);
  const hours = maxWaitMs / 3_600_000;
  const away = missingPart(error) ?? "platform";
  const why = `waited for more than ${hours} hours: the ${away} was away`;
  await deadLetterTurn(ports, { ...situation, running, why, isFinal: true }, signal);
  return "more";
}

/** Waits for the stores, and checks the lease. False if they stay unreachable for a minute. */
async function waitForStores(
  ports: Pick<TurnPorts, "journal" | "clock">,
  lease: Lease,
  signal: AbortSignal,
): Promise<boolean> {
  const startedAtMs = ports.clock.nowMs();
  for (let tries = 1; ; tries += 1) {
    try {
      await ports.journal.assertCurrent(lease, AbortSignal.timeout(5_000));
      return true;
    } catch (error) {
      if (error instanceof StaleLeaseError) throw error;
      if (ports.clock.nowMs() - startedAtMs > storePolls.allMs) return false;
    }
    await ports.clock.sleep(retryDelayMs(tries, storePolls), signal);
  }
}

function missingPart(error: unknown): Wait["what"] | undefined {
  if (isMemoryUnreachable(error)) return "memory";
  if (!(error instanceof ModelError)) return undefined;
  return error.kind === "loading" ? "loading" : "model";
}

function kindOf(error: unknown): { readonly kind?: string } {
  return error instanceof ModelError || error instanceof PlatformError ? { kind: error.kind } : {};
}

/**
 * The pause before the next attempt. Jittered, because an outage makes many conversations wait for the same service. A rate
 * limit states its own pause. Never above `maxPostponementMs`.
 */
export function pauseAfter(error: unknown, waitedMs: number): number {
  const askedForMs = error instanceof ModelError || error instanceof PlatformError ? error.retryAfterMs : 0;
  const isSlowedDown = error instanceof PlatformError && error.kind === "rate-limited";
  const longestMs = Math.min(300_000, Math.max(30_000, waitedMs / 20));
  const growingMs = Math.min(longestMs, Math.max(1_000, waitedMs)) * (1 + Math.random() * 0.25);
  const wantedMs = isSlowedDown
    ? Math.max(250, askedForMs)
    : Math.max(growingMs, askedForMs * (1 + Math.random() * 0.25));
  return Math.round(Math.min(maxPostponementMs, wantedMs));
}

/** Counts failures before the start of the turn too, or they would be retried without end. */
async function countAttempt(
  ports: Pick<TurnPorts, "journal" | "ids">,
  { lease, waiting }: ClaimedConversation,
  signal: AbortSignal,
): Promise<void> {
  const turn = (await ports.journal.running(lease, signal)) ?? placeholderTurn(ports, lease, waiting);
  await ports.journal.save(lease, { ...turn, attempt: turn.attempt + 1 }, signal);
}
