import type { Inbound } from "../../domain/inbound.ts";
import type { MessageId } from "../../domain/message.ts";
import { quotedId } from "../../domain/quoted.ts";

/** Whether a stored inbound may contain text of one of these messages. Summaries and titles may quote any message. */
export function mayQuote(inbound: Inbound, messages: ReadonlySet<MessageId>): boolean {
  switch (inbound.kind) {
    case "said":
      return messages.has(inbound.message.id) || messages.has(quotedId(inbound.message.quoted?.id ?? ""));
    case "edited":
    case "deleted":
    case "unplaced":
    case "announced":
    case "reasked":
    case "retracted":
      return messages.has(inbound.message);
    case "commanded":
      return inbound.message !== undefined && messages.has(inbound.message);
    case "delegated":
      return mayQuote(inbound.command, messages);
    case "folded":
    case "titled":
      return true;
    case "stopped":
    case "erased":
    case "forgot":
    case "expired":
    case "lapsed":
    case "filed":
      return false;
  }
}
