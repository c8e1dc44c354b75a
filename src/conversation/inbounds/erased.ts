import type { Erased } from "../../domain/inbound.ts";
import type { InboundKind } from "./inbound-kind.ts";

/** A person deleted the whole conversation. */
export const erased: InboundKind<Erased> = {
  fields: {},
  origin: "outside",
  opens: () => false,
  concernsArchived: true,
  expectsAnswer: false,
  mayQuote: () => [],
  interrupts: () => ({ kind: "command" }),
};
