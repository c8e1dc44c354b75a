import type { InboxEntry } from "../../domain/inbound.ts";
import type { Lease, Turn } from "../../domain/turn.ts";
import { rulesOf } from "../inbounds/registry.ts";
import type { TurnPorts } from "../planning/turn-ports.ts";

/** A turn record for an attempt that failed before its turn was saved, so that attempts are counted. */
export function placeholderTurn(
  { ids }: Pick<TurnPorts, "ids">,
  lease: Lease,
  waiting: readonly InboxEntry[],
): Turn {
  const replyTo = waiting
    .map(({ inbound }) => rulesOf(inbound).replyTo?.(inbound))
    .findLast((to) => to !== undefined);
  return {
    id: ids.turn(),
    conversation: lease.conversation,
    attempt: 0,
    covers: [],
    replyTo: replyTo ?? { platform: "none", target: {} },
    posts: [],
  };
}
