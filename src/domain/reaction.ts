import type { CommandInbound, Inbound } from "./inbound.ts";
import type { MessageId } from "./message.ts";

/** A command that was given by a reaction to a message. */
export type Reaction = CommandInbound & { readonly reactedTo: MessageId };

/** Whether an inbound is a command that was given by a reaction. */
export function isReaction(inbound: Inbound | undefined): inbound is Reaction {
  return inbound?.kind === "commanded" && inbound.reactedTo !== undefined;
}
