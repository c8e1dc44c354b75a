import type { Lapsed } from "../../domain/own-inbounds.ts";
import { applyLapsed } from "../memory/apply-erasures.ts";
import { noRemovals, removeDerived } from "../memory/remove-derived.ts";
import type { InboundKind } from "./inbound-kind.ts";

/** The time to undo an erasure has ended. */
export const lapsed: InboundKind<Lapsed> = {
  fields: { beforeOrdinal: "count" },
  origin: "own",
  opens: () => false,
  concernsArchived: true,
  expectsAnswer: false,
  mayQuote: () => [],
  outdatesRequest: () => true,
  changeMemory: async (changing, change) => ({
    ...applyLapsed(await removeDerived(changing), change),
    pending: noRemovals,
  }),
  mayRemove: () => true,
};
