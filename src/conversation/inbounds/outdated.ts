import type { Outdated } from "../../domain/own-inbounds.ts";
import type { InboundKind } from "./inbound-kind.ts";

/** Memory has fallen behind the archive. The turn's own write of memory is all that it needs. */
export const outdated: InboundKind<Outdated> = {
  fields: {},
  origin: "own",
  opens: () => false,
  concernsArchived: true,
  expectsAnswer: false,
  mayQuote: () => [],
  rechecksMemory: true,
  changeMemory: (changing) => changing,
  mayRemove: () => false,
};
