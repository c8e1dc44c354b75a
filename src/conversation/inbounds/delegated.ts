import type { Delegated } from "../../domain/own-inbounds.ts";
import { commandInbound } from "./command-inbound.ts";
import type { InboundKind } from "./inbound-kind.ts";

/** A command that runs beside its conversation, or apart from any. It takes a turn of its own, in another inbox. */
export const delegated: InboundKind<Delegated> = {
  fields: { command: "command", chapter: "number?" },
  origin: "own",
  opens: () => true,
  concernsArchived: false,
  expectsAnswer: true,
  mayQuote: ({ command }) => commandInbound.mayQuote(command),
  carriedBy: ({ command }) => command.message,
  replyTo: ({ command }) => command.replyTo,
};
