import type { InboxEntry } from "../../domain/inbound.ts";
import type { ReplyAddress } from "../../domain/reply-address.ts";
import type { Lease, Turn } from "../../domain/turn.ts";
import type { TurnPorts } from "./turn-ports.ts";

/** A turn record for an attempt that failed before its turn was saved, so that attempts are counted. */
export function placeholderTurn(
  { ids }: Pick<TurnPorts, "ids">,
  lease: Lease,
  waiting: readonly InboxEntry[],
): Turn {
  const replyTo = waiting.map(replyAddressOf).findLast((to) => to !== undefined);
  return {
    id: ids.turn(),
    conversation: lease.conversation,
    attempt: 0,
    covers: [],
    replyTo: replyTo ?? { platform: "none", target: {} },
    posts: [],
  };
}

function replyAddressOf({ inbound }: InboxEntry): ReplyAddress | undefined {
  if (inbound.kind === "delegated") return inbound.command.replyTo;
  return inbound.kind === "said" || inbound.kind === "commanded" ? inbound.replyTo : undefined;
}
