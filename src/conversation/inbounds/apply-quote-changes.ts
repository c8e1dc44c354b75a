import type { InboxEntry, Said } from "../../domain/inbound.ts";
import { editMessage } from "../../domain/edit-message.ts";
import type { Message, MessageId } from "../../domain/message.ts";
import { quotedId } from "../../domain/quoted.ts";
import { isSaidBy } from "../../domain/said-by.ts";
import { isMessageChange } from "../../domain/message-change.ts";

type Waiting = readonly InboxEntry[];

/** Applies later edits and deletions to the quotes in waiting messages. A removed quoted message leaves no quote. */
export function applyQuoteChanges(waiting: Waiting): Waiting {
  const told = new Map<MessageId, InboxEntry[]>();
  for (const entry of waiting) {
    const { inbound } = entry;
    if (!isMessageChange(inbound)) continue;
    const before = told.get(inbound.message);
    if (before === undefined) told.set(inbound.message, [entry]);
    else before.push(entry);
  }
  const forgot = waiting.filter(({ inbound }) => inbound.kind === "forgot");
  return waiting.map((entry) => {
    const { seq, inbound } = entry;
    if (inbound.kind !== "said" || inbound.message.quoted === undefined) return entry;
    const changes = [...(told.get(quotedId(inbound.message.quoted.id)) ?? []), ...forgot];
    const later = changes.filter((change) => change.seq > seq);
    return later.length === 0
      ? entry
      : { ...entry, inbound: replaceQuote(inbound, applyToQuote(later, inbound.message.quoted)) };
  });
}

/** The quote after the changes. Undefined: it was removed. */
function applyToQuote(changes: Waiting, quoted: Message): Message | undefined {
  let now: Message | undefined = quoted;
  for (const { inbound } of changes) {
    if (inbound.kind === "edited") now = now && editMessage(now, inbound);
    else if (inbound.kind === "deleted" || (inbound.kind === "forgot" && isSaidBy(inbound, quoted)))
      now = undefined;
  }
  return now;
}

/** A message with another quote, or without one. */
export function replaceQuote(said: Said, quoted: Message | undefined): Said {
  const { quoted: _, ...message } = said.message;
  return { ...said, message: quoted === undefined ? message : { ...message, quoted } };
}
