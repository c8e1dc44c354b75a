import type { Pressed } from "../../domain/inbound.ts";
import type { InboundKind } from "./inbound-kind.ts";

/** A button was pressed under a request for approval, or one whose action this version does not know. */
export const pressed: InboundKind<Pressed> = {
  fields: {
    action: "text",
    on: "text",
    by: "author",
    pressedAtMs: "number",
    value: "text?",
    rights: "rights?",
    replyTo: "replyAddress",
    isOutside: "flag?",
  },
  origin: "outside",
  opens: () => false,
  concernsArchived: true,
  expectsAnswer: false,
  mayQuote: () => [],
  changeMemory: (changing) => changing,
  mayRemove: () => false,
};
