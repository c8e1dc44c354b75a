import type { Delegated } from "../../domain/inbound.ts";
import { commandInbound } from "./command-inbound.ts";
import type { InboundKind } from "./inbound-kind.ts";

/** A command that runs beside its conversation, in an inbox of its own. It takes a turn of its own. */
export const delegated: InboundKind<Delegated> = {
  fields: { command: "command", chapter: "number" },
  origin: "own",
  opens: () => true,
  concernsArchived: false,
  expectsAnswer: true,
  mayQuote: ({ command }) => commandInbound.mayQuote(command),
  replyTo: ({ command }) => command.replyTo,
};
