import type { Joined } from "../../domain/inbound.ts";
import type { InboundKind } from "./inbound-kind.ts";

/** The bot was added to a place. It takes a turn of its own, in the inbox of the place. */
export const joined: InboundKind<Joined> = {
  fields: { replyTo: "replyAddress" },
  // Nothing of it is to be listed.
  origin: "own",
  opens: () => true,
  concernsArchived: false,
  expectsAnswer: false,
  mayQuote: () => [],
  replyTo: ({ replyTo }) => replyTo,
};
