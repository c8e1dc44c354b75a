import type { InboxEntry } from "../domain/inbound.ts";
import type { ReplyAddress } from "../domain/reply-address.ts";
import type { Lease, Turn, Wait } from "../domain/turn.ts";
import { longestPostponementMs } from "../ports/inbox.ts";
import { StaleLeaseError } from "../ports/journal.ts";
import { LedgerError } from "../ports/ledger.ts";
import { MemoryError } from "../ports/memory.ts";
import { ModelError } from "../ports/model.ts";
import { PlatformError } from "../ports/platform.ts";
import { StoreError } from "../ports/store-error.ts";
import { sayWhatIsAway } from "./say-what-is-away.ts";
import type { TurnPorts } from "./turn-ports.ts";

/** A conversation whose next turn can't be taken now. */
export interface Waiting {
  readonly lease: Lease;
  /** The turn that an earlier attempt left. */
  readonly running: Turn | undefined;
  /** See Taken. */
  readonly isShared: boolean;
  readonly waiting: readonly InboxEntry[];
}

const storeLooks = { firstMs: 250, longestMs: 2_000, allMs: 60_000 } as const;

/** An interruption, an outage or a shutdown is not the message's fault. @throws {StaleLeaseError} */
export async function takeBackAttempt(ports: TurnPorts, lease: Lease): Promise<void> {
  const signal = AbortSignal.timeout(5_000);
  const turn = await ports.journal.running(lease, signal);
  if (turn === undefined) return;
  await ports.journal.note(lease, { ...turn, attempt: Math.max(0, turn.attempt - 1) }, signal);
}

/**
 * Leaves everything in the inbox and comes back later: soon for what is new, every half minute for what is old, or when
 * whoever is away asks for it; at once when the stores were away and are back. A ModelError comes here only when it is
 * worth waiting for. @throws {StaleLeaseError}, and {StoreError} when the stores stay away.
 */
export async function waitOut(
  ports: TurnPorts,
  situation: Waiting,
  error: unknown,
  signal: AbortSignal,
): Promise<"more" | "rest"> {
  const { lease, waiting, running } = situation;
  const isStoreAway = error instanceof StoreError || error instanceof MemoryError;
  if (isStoreAway && !(await whenStoresAreBack(ports, lease, signal))) throw error;
  if (error instanceof StoreError) {
    ports.log.warn({ err: error }, "a turn begins again: the stores were away");
    return "more";
  }
  const nowMs = ports.clock.nowMs();
  const waitedMs = nowMs - (waiting[0]?.acceptedAtMs ?? nowMs);
  const pauseMs = pauseAfter(error, waitedMs);
  await ports.inbox.postpone(lease.conversation, nowMs + pauseMs, signal);
  if (error instanceof PlatformError && error.kind === "rate-limited") {
    ports.log.info({ pauseMs }, "a turn waits for the platform's limit");
    await takeBackAttempt(ports, lease);
    ports.wakeIn(lease.conversation, pauseMs);
    return "rest";
  }
  const what = whatIsAway(error);
  const isKnown = what !== undefined && running?.waitsFor?.what === what;
  // One outage has one reference, the one that people see.
  const reference = (isKnown ? running.waitsFor?.reference : undefined) ?? ports.ids.reference();
  const isOutage = what !== undefined || error instanceof PlatformError;
  const facts = { err: error, ...kindOf(error), reference, isOutage };
  ports.log[isKnown ? "warn" : "error"](facts, "a turn has to wait");
  if (!isOutage) await countAttempt(ports, situation, signal);
  // What waits for the stores had its attempt taken back when they were found to be back.
  else if (!isStoreAway) await takeBackAttempt(ports, lease);
  if (what !== undefined) await sayWhatIsAway(ports, { ...situation, wait: { what, reference } }, signal);
  return "rest";
}

/** Also proves that the conversation is still ours. False when they stay away for a minute. */
async function whenStoresAreBack(ports: TurnPorts, lease: Lease, signal: AbortSignal): Promise<boolean> {
  const startedAtMs = ports.clock.nowMs();
  for (let pause: number = storeLooks.firstMs; ; pause = Math.min(storeLooks.longestMs, pause * 2)) {
    try {
      await takeBackAttempt(ports, lease);
      return true;
    } catch (error) {
      if (error instanceof StaleLeaseError) throw error;
      if (ports.clock.nowMs() - startedAtMs > storeLooks.allMs) return false;
    }
    await ports.clock.sleep(pause * (0.75 + Math.random() / 2), signal);
  }
}

function whatIsAway(error: unknown): Wait["what"] | undefined {
  if (error instanceof MemoryError || error instanceof LedgerError) return "memory";
  return error instanceof ModelError ? "model" : undefined;
}

function kindOf(error: unknown): { readonly kind?: string } {
  return error instanceof ModelError || error instanceof PlatformError ? { kind: error.kind } : {};
}

/**
 * Jittered: an outage makes many conversations wait, and whoever comes back is not to meet them all at once. A platform
 * that is slowing us down says itself when it takes each. At most the longest postponement: what is beyond counts as due.
 */
function pauseAfter(error: unknown, waitedMs: number): number {
  const askedForMs = error instanceof ModelError || error instanceof PlatformError ? error.retryAfterMs : 0;
  const isSlowedDown = error instanceof PlatformError && error.kind === "rate-limited";
  const growingMs = Math.min(30_000, Math.max(1_000, waitedMs)) * (1 + Math.random() * 0.25);
  const wantedMs = isSlowedDown
    ? Math.max(250, askedForMs)
    : Math.max(growingMs, askedForMs * (1 + Math.random() * 0.25));
  return Math.round(Math.min(longestPostponementMs, wantedMs));
}

/** What fails before its turn starts must count too, or it would be tried for ever. */
async function countAttempt(ports: TurnPorts, situation: Waiting, signal: AbortSignal): Promise<void> {
  const { lease, running, waiting } = situation;
  const turn = await ports.journal.running(lease, signal);
  if (turn !== undefined && turn.attempt > (running?.attempt ?? 0)) return;
  const failing: Turn = turn ?? {
    id: ports.ids.turn(),
    conversation: lease.conversation,
    attempt: 0,
    covers: [],
    replyTo: waiting.map(replyAddressOf).findLast((to) => to !== undefined) ?? {
      platform: "none",
      target: {},
    },
    posts: [],
  };
  await ports.journal.note(lease, { ...failing, attempt: failing.attempt + 1 }, signal);
}

function replyAddressOf({ inbound }: InboxEntry): ReplyAddress | undefined {
  return inbound.kind === "said" || inbound.kind === "commanded" ? inbound.replyTo : undefined;
}
