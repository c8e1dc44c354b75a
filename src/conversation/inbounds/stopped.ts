import type { Stopped } from "../../domain/inbound.ts";
import type { InboundKind } from "./inbound-kind.ts";

/** Stop was pressed. The text so far becomes the answer. */
export const stopped: InboundKind<Stopped> = {
  fields: {},
  origin: "outside",
  opens: () => false,
  concernsArchived: false,
  expectsAnswer: false,
  mayQuote: () => [],
  interrupts: () => ({ kind: "stopped" }),
};
