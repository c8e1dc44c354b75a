import type { AuthorErased } from "../../domain/own-inbounds.ts";
import { eraseAuthor } from "../memory/apply-erasures.ts";
import { removeDerived } from "../memory/remove-derived.ts";
import type { InboundKind } from "./inbound-kind.ts";

/** A person's messages are erased, by their request. */
export const authorErased: InboundKind<AuthorErased> = {
  fields: { forgetting: "text", author: "text", beforeMs: "number" },
  origin: "own",
  opens: () => false,
  concernsArchived: true,
  expectsAnswer: false,
  mayQuote: () => [],
  interrupts: () => ({ kind: "command" }),
  outdatesRequest: () => true,
  changeMemory: async (changing, change) => eraseAuthor(await removeDerived(changing), change),
  mayRemove: () => true,
  removesName: true,
};
