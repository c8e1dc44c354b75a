import type { Unlocated } from "../../domain/own-inbounds.ts";
import type { InboundKind } from "./inbound-kind.ts";

/** A change that waits until the archive can locate its message. It takes a turn of its own. */
export const unlocated: InboundKind<Unlocated> = {
  fields: { message: "text", change: "change" },
  origin: "own",
  opens: () => true,
  concernsArchived: false,
  expectsAnswer: false,
  mayQuote: ({ message }) => [message],
};
