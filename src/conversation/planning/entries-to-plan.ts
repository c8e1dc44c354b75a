import type { InboxEntry } from "../../domain/inbound.ts";
import { isBound } from "../../domain/turn.ts";
import type { ClaimedConversation } from "./claimed-conversation.ts";
import { isMessageChange } from "../../domain/message-change.ts";

/** The entries that the next turn may cover: all that wait, or the first one alone if a burst is suspected of crashes. */
export function entriesToPlan(
  { running, waiting }: Pick<ClaimedConversation, "running" | "waiting">,
  isSuspect: boolean,
): readonly InboxEntry[] {
  const isFixed = running !== undefined && isBound(running);
  return isSuspect && !isFixed ? firstEntryAlone(waiting) : waiting;
}

/** The first entry of a burst, with its own edits and deletions, and with the presses and Stops that may concern it. */
export function firstEntryAlone(waiting: readonly InboxEntry[]): readonly InboxEntry[] {
  const [first, ...later] = waiting;
  if (first?.inbound.kind !== "said" && first?.inbound.kind !== "reasked") return waiting.slice(0, 1);
  const id = first.inbound.kind === "said" ? first.inbound.message.id : undefined;
  const isAboutIt = ({ inbound }: InboxEntry): boolean =>
    inbound.kind === "stopped" ||
    (id !== undefined &&
      (inbound.kind === "pressed" || (isMessageChange(inbound) && inbound.message === id)));
  return [first, ...later.filter(isAboutIt)];
}
