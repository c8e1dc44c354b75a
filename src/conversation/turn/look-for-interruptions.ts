import { JoinedSignal } from "../../async/joined-signal.ts";
import type { InboxEntry } from "../../domain/inbound.ts";
import type { Interruption } from "../../domain/turn.ts";
import { rulesOf } from "../inbounds/registry.ts";
import type { TurnPorts } from "../planning/turn-ports.ts";
import type { AdmittedConversation } from "../recovery/admitted-conversation.ts";

/** An answer goes on for so long after a Stop whose message was lost. */
const everyMs = 5_000;

/** One for all, because an abort without a reason makes an exception. */
const over = new Error("The answer is over");

/** What sends interruptions. */
export type InterruptingPorts = Pick<TurnPorts, "interruptions" | "commands">;
type Ports = InterruptingPorts & Pick<TurnPorts, "inbox" | "clock">;
type Running = Pick<AdmittedConversation, "lease" | "newestSeq">;

/**
 * Sends the interruptions of what came since the claim once more, until disposed. The process that stored it may have died, or
 * lost the store, before it could send them; and what the sweeper schedules waits until the answer is over.
 */
export function lookForInterruptions(ports: Ports, running: Running, signal: AbortSignal): Disposable {
  const looking = new JoinedSignal(signal);
  void lookRepeatedly(ports, running, looking.signal);
  return {
    [Symbol.dispose]: () => {
      looking.abort(over);
      looking[Symbol.dispose]();
    },
  };
}

/** Never rejects. */
async function lookRepeatedly(ports: Ports, running: Running, signal: AbortSignal): Promise<void> {
  let seen = running.newestSeq;
  while (!signal.aborted) {
    await ports.clock.sleep(everyMs, signal).catch(() => undefined);
    // A store that is away delays all else too.
    if (!signal.aborted) seen = await lookOnce(ports, running, seen, signal).catch(() => seen);
  }
}

/** Returns the newest seq that was looked at. */
async function lookOnce(
  ports: Ports,
  { lease: { conversation } }: Running,
  after: number,
  signal: AbortSignal,
): Promise<number> {
  const later = await ports.inbox.waiting(conversation, signal, after);
  for (const interruption of interruptionsIn(ports, later))
    await ports.interruptions.interrupt(conversation, interruption, signal);
  return Math.max(after, ...later.map(({ seq }) => seq));
}

/** The interruptions that some entries mean, in order. */
export function interruptionsIn(
  { commands }: Pick<TurnPorts, "commands">,
  entries: readonly InboxEntry[],
): readonly Interruption[] {
  const candidates = entries.filter(({ inbound }) => rulesOf(inbound).interrupts !== undefined);
  if (candidates.length === 0) return [];
  const interrupting = [...commands.values()].filter(({ interrupts }) => interrupts);
  const names = new Set(interrupting.map(({ definition }) => definition.name));
  return candidates.flatMap(({ inbound }) => {
    const interruption = rulesOf(inbound).interrupts?.(inbound, names);
    return interruption === undefined ? [] : [{ ...interruption, inbound: inbound.dedupeId }];
  });
}
