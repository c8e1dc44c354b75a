import type { Summarized } from "../../domain/own-inbounds.ts";
import { applySummary } from "../memory/apply-summary.ts";
import type { InboundKind } from "./inbound-kind.ts";

/** A summary was made in the background. */
export const summarized: InboundKind<Summarized> = {
  fields: { base: "count", summary: "summary" },
  origin: "own",
  opens: () => false,
  concernsArchived: false,
  expectsAnswer: false,
  mayQuote: () => "any",
  changeMemory: (changing, change) => ({ ...changing, memory: applySummary(changing.memory, change) }),
  mayRemove: () => false,
};
