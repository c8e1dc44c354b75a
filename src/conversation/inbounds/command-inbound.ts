import type { CommandInbound } from "../../domain/inbound.ts";
import { limitMessage } from "../text/limit-message.ts";
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
    about: "said?",
    reactedTo: "text?",
    ofEveryone: "flag?",
  },
  origin: "outside",
  opens: ({ reactedTo }) => reactedTo === undefined,
  concernsArchived: true,
  expectsAnswer: true,
  mayQuote: ({ message, about }) => [
    ...(message === undefined ? [] : [message]),
    ...(about === undefined ? [] : [about.message.id]),
  ],
  truncate: ({ about, ...command }) =>
    about === undefined ? command : { ...command, about: { ...about, message: limitMessage(about.message) } },
  carriedBy: ({ message }) => message,
  author: ({ by, ofEveryone }) => (ofEveryone === undefined ? by : undefined),
  replyTo: ({ replyTo }) => replyTo,
  isQuiet: ({ reactedTo }) => reactedTo !== undefined,
  interrupts: ({ name }, interruptingCommands) =>
    interruptingCommands.has(name) ? { kind: "command" } : undefined,
};
