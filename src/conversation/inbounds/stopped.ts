import type { Stopped } from "../../domain/inbound.ts";
import type { InboundKind } from "./inbound-kind.ts";

/** Stop was pressed. The text so far becomes the answer. */
export const stopped: InboundKind<Stopped> = {
  fields: { turn: "text?", pressedAtMs: "number?" },
  origin: "outside",
  opens: () => false,
  concernsArchived: false,
  expectsAnswer: false,
  mayQuote: () => [],
  interrupts: ({ turn, pressedAtMs }) => ({ kind: "stopped", turn, pressedAtMs }),
};
