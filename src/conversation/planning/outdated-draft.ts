import type { InboxEntry } from "../../domain/inbound.ts";
import { isMessageChange } from "../../domain/message-change.ts";
import type { Message, MessageId } from "../../domain/message.ts";
import { coversEntry, isBound, type Turn } from "../../domain/turn.ts";
import { rulesOf } from "../inbounds/registry.ts";
import type { RememberingPlan } from "./plan.ts";

/**
 * The running turn without its text, if the plan takes in an edit, a deletion or an erasure that came after the text: that may
 * repeat what is gone, and memory would not know it as derived. Calls that changed something stay known. `waiting`: as stored.
 */
export function withoutOutdatedDraft(
  running: Turn,
  waiting: readonly InboxEntry[],
  plan: Pick<RememberingPlan, "covers" | "said">,
): Turn {
  if (running.answer !== undefined || !isOutdated(running, waiting, plan)) return running;
  const { sources: _, rounds, ...rest } = running;
  return { ...rest, draft: "", ...(rounds !== undefined && isBound(running) ? { rounds } : {}) };
}

function isOutdated(
  running: Turn,
  waiting: readonly InboxEntry[],
  { covers, said }: Pick<RememberingPlan, "covers" | "said">,
): boolean {
  const planned = new Set(covers);
  const now = new Map(said.map((message) => [message.id, message]));
  const unseen = unseenIn(running, waiting);
  return waiting.some((entry) => {
    const { id, inbound } = entry;
    if (!planned.has(id)) return false;
    if (coversEntry(running, entry))
      return inbound.kind === "said" && hasOtherQuote(inbound.message, now.get(inbound.message.id));
    if (isMessageChange(inbound) && unseen.has(inbound.message)) return false;
    return rulesOf(inbound).outdatesRequest?.(inbound) === true;
  });
}

/** The messages that came after the text. */
function unseenIn(running: Turn, waiting: readonly InboxEntry[]): ReadonlySet<MessageId> {
  const later = waiting.filter((entry) => !coversEntry(running, entry));
  return new Set(later.flatMap(({ inbound }) => (inbound.kind === "said" ? [inbound.message.id] : [])));
}

/** A quote can be erased in the conversation that it comes from, of which nothing is in this inbox. */
function hasOtherQuote({ quoted }: Message, now: Message | undefined): boolean {
  return quoted !== undefined && now !== undefined && now.quoted?.text !== quoted.text;
}
