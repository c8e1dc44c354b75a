import type { Deleted, Edited, Inbound } from "./inbound.ts";

/** The author, or an app, changed or deleted one message. */
export type MessageChange = Edited | Deleted;

/** Whether an inbound changes or deletes one message. Erasures of many messages are no such change. */
export function isMessageChange(inbound: Inbound): inbound is MessageChange {
  return inbound.kind === "edited" || inbound.kind === "deleted";
}
