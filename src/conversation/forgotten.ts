import type { Inbound, InboxEntry, Said } from "../domain/inbound.ts";
import type { Recollection } from "../domain/recollection.ts";
import type { TurnPorts } from "./turn-ports.ts";

/**
 * What was read late, when nobody of us had listened, may have been forgotten meanwhile, with its conversation or with
 * its author: it counts as deleted. @throws {StoreError}
 */
export async function withoutForgotten(
  { forgettings }: Pick<TurnPorts, "forgettings">,
  { forgottenAtMs = 0 }: Recollection,
  waiting: readonly InboxEntry[],
  signal: AbortSignal,
): Promise<readonly InboxEntry[]> {
  const missed = waiting.flatMap(({ inbound }) => (isMissed(inbound) ? [inbound] : []));
  const [first] = missed;
  if (first === undefined) return waiting;
  const authors = [...new Set(missed.map(({ message }) => message.author.id))];
  const marks = await forgettings.marks(first.platform, authors, signal);
  return waiting.map((entry) => {
    const { inbound } = entry;
    const isKept = !isMissed(inbound) || inbound.message.saidAtMs > untilMs(inbound);
    return isKept ? entry : { ...entry, inbound: deletionOf(inbound) };
  });

  function untilMs({ message }: Said): number {
    return Math.max(forgottenAtMs, marks.get(message.author.id) ?? 0);
  }
}

function isMissed(inbound: Inbound): inbound is Said {
  return inbound.kind === "said" && inbound.missed !== undefined;
}

function deletionOf({ conversation, dedupeId, platform, place, message }: Said): Inbound {
  return { kind: "deleted", conversation, dedupeId, platform, place, message: message.id };
}
