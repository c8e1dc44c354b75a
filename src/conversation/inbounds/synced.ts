import type { Synced } from "../../domain/inbound.ts";
import type { InboundKind } from "./inbound-kind.ts";

/** The archive has what memory may drop. The write that follows drops it. */
export const synced: InboundKind<Synced> = {
  fields: { isBehind: "flag?" },
  origin: "own",
  opens: () => false,
  concernsArchived: false,
  expectsAnswer: false,
  mayQuote: () => [],
  changeMemory: (changing) => changing,
  mayRemove: () => false,
};
