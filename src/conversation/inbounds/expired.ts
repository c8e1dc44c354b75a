import type { Expired } from "../../domain/own-inbounds.ts";
import { removeExpired } from "../memory/apply-erasures.ts";
import { noRemovals, removeDerived } from "../memory/remove-derived.ts";
import type { InboundKind } from "./inbound-kind.ts";

/** The retention period of old messages has ended. */
export const expired: InboundKind<Expired> = {
  fields: { beforeMs: "number" },
  origin: "own",
  opens: () => false,
  concernsArchived: true,
  expectsAnswer: false,
  mayQuote: () => [],
  outdatesRequest: () => true,
  changeMemory: async (changing, change) => ({
    ...removeExpired(await removeDerived(changing), change),
    pending: noRemovals,
  }),
  mayRemove: () => true,
};
