import type { InboxEntry } from "../domain/inbound.ts";
import type { ReplyAddress } from "../domain/reply-address.ts";
import type { Lease, Turn } from "../domain/turn.ts";
import { MemoryError } from "../ports/memory.ts";
import { PlatformError } from "../ports/platform.ts";
import { sayThatMemoryIsAway } from "./say-that-memory-is-away.ts";
import type { TurnPorts } from "./turn-ports.ts";

interface Failed {
  readonly lease: Lease;
  readonly running: Turn | undefined;
  readonly waiting: readonly InboxEntry[];
}

/** An interruption, an outage or a shutdown is not the message's fault. */
export async function takeBackAttempt(ports: TurnPorts, lease: Lease): Promise<void> {
  const signal = AbortSignal.timeout(5_000);
  const { lease: renewed, turn } = await ports.journal.take(lease.conversation, signal);
  if (turn !== undefined) {
    await ports.journal.note(renewed, { ...turn, attempt: Math.max(0, turn.attempt - 1) }, signal);
  }
}

/** Leaves everything in the inbox and comes back later: soon for what is new, every half minute for what is old. */
export async function waitOut(
  ports: TurnPorts,
  situation: Failed,
  error: unknown,
  signal: AbortSignal,
): Promise<void> {
  const { lease, waiting } = situation;
  const reference = ports.ids.reference();
  const nowMs = ports.clock.nowMs();
  const waitedMs = nowMs - (waiting[0]?.acceptedAtMs ?? nowMs);
  await ports.inbox.postpone(lease.conversation, nowMs + Math.min(30_000, Math.max(1_000, waitedMs)), signal);
  const isOutage = error instanceof MemoryError || error instanceof PlatformError;
  ports.log.error({ err: error, reference, isOutage }, "a turn has to wait");
  if (isOutage) await takeBackAttempt(ports, lease);
  else await countAttempt(ports, situation, signal);
  if (error instanceof MemoryError) {
    await sayThatMemoryIsAway(ports, { conversation: lease.conversation, waiting, reference }, signal);
  }
}

/** What fails before its turn starts must count too, or it would be tried for ever. */
async function countAttempt(ports: TurnPorts, situation: Failed, signal: AbortSignal): Promise<void> {
  const { running, waiting } = situation;
  const { lease, turn } = await ports.journal.take(situation.lease.conversation, signal);
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
