import type { Suspicion } from "../../domain/suspicion.ts";
import type { Lease } from "../../domain/turn.ts";
import { StaleLeaseError } from "../../ports/journal.ts";
import { InterruptedError } from "../../ports/turn-scheduler.ts";
import { TooManyAtOnceError } from "../usage/limits.ts";
import { backOff } from "./back-off.ts";
import type { AdmittedConversation } from "./admitted-conversation.ts";
import { releaseClaim } from "./crash-suspects.ts";
import { AwaitingApprovalError, waitForApproval } from "./wait-for-approval.ts";
import type { TurnPorts } from "../planning/turn-ports.ts";
import { showRest } from "./show-rest.ts";

/** The pause of a turn whose person has too many answers running at once. */
const slotPauseMs = 1_000;
/** What a platform gets at a shutdown to show that the bot no longer works. */
const shutdownMs = 1_000;

/**
 * Ends a failed attempt at a turn, so that a later claim continues it: postpones the conversation where that is needed, and
 * releases the claim. @throws {StoreError} when the stores stay unreachable.
 */
export async function endAttempt(
  ports: TurnPorts,
  claimed: AdmittedConversation,
  error: unknown,
  signal: AbortSignal,
): Promise<"more" | "rest"> {
  if (error instanceof StaleLeaseError) return "rest";
  try {
    const outcome = await outcomeOf(ports, claimed, error, signal);
    if (outcome === "rest") await showRestAfter(ports, claimed, error, signal);
    await releaseClaim(ports, claimed.lease, claimed.admission.suspicion);
    // Another process that took one of these in found the conversation busy.
    const isNewer = outcome === "rest" && !signal.aborted && (await hasNewer(ports, claimed, signal));
    return isNewer ? "more" : outcome;
  } catch (fault) {
    return restIfStale(fault);
  }
}

/** A shutdown leaves a moment for it. */
async function showRestAfter(
  ports: TurnPorts,
  claimed: AdmittedConversation,
  error: unknown,
  signal: AbortSignal,
): Promise<void> {
  const until = signal.aborted ? AbortSignal.timeout(shutdownMs) : signal;
  await showRest(ports, claimed, error instanceof AwaitingApprovalError, until);
}

/** Whether an entry came since the claim. Behind a long backlog the sweeper finds it. */
async function hasNewer(
  { inbox }: Pick<TurnPorts, "inbox">,
  { lease, waiting, newestSeq }: AdmittedConversation,
  signal: AbortSignal,
): Promise<boolean> {
  const later = await inbox.waiting(lease.conversation, signal, waiting.at(-1)?.seq);
  return later.some(({ seq }) => seq > newestSeq);
}

async function outcomeOf(
  ports: TurnPorts,
  claimed: AdmittedConversation,
  error: unknown,
  signal: AbortSignal,
): Promise<"more" | "rest"> {
  if (error instanceof InterruptedError) return "more";
  if (signal.aborted) return "rest";
  if (error instanceof TooManyAtOnceError) {
    // It holds no slot while it waits; the sweeper returns to it.
    await ports.inbox.postpone(claimed.lease.conversation, ports.clock.nowMs() + slotPauseMs, signal);
    return "rest";
  }
  if (error instanceof AwaitingApprovalError) {
    await waitForApproval(ports, claimed.lease, error, signal);
    return "rest";
  }
  return backOff(ports, claimed, error, signal);
}

/** Handles an error outside of the attempt itself. On shutdown, releases the claim. @throws the error otherwise. */
export async function endClaim(
  ports: Pick<TurnPorts, "journal">,
  failed: {
    readonly lease: Lease;
    readonly suspicion: Suspicion | undefined;
    readonly error: unknown;
  },
  signal: AbortSignal,
): Promise<"rest"> {
  const { lease, suspicion, error } = failed;
  if (!signal.aborted) return restIfStale(error);
  return releaseClaim(ports, lease, suspicion).then(() => "rest" as const, restIfStale);
}

function restIfStale(error: unknown): "rest" {
  if (error instanceof StaleLeaseError) return "rest";
  throw error;
}
