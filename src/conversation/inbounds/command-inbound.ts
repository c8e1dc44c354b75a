import type { CommandInbound } from "../../domain/inbound.ts";
import type { InboundKind } from "./inbound-kind.ts";

/** A person gave a command. */
export const commandInbound: InboundKind<CommandInbound> = {
  fields: {
    name: "text",
    argument: "text",
    by: "author",
    saidAtMs: "number",
    message: "text?",
    rights: "rights?",
    replyTo: "replyAddress",
    isOutside: "flag?",
  },
  origin: "outside",
  opens: () => true,
  concernsArchived: true,
  expectsAnswer: true,
  mayQuote: ({ message }) => (message === undefined ? [] : [message]),
  carriedBy: ({ message }) => message,
  author: ({ by }) => by,
  replyTo: ({ replyTo }) => replyTo,
  interrupts: ({ name }, interruptingCommands) =>
    interruptingCommands.has(name) ? { kind: "command" } : undefined,
};
