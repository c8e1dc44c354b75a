import type { InboundBase } from "../../domain/inbound.ts";
import type { TurnRecord } from "../../domain/turn-record.ts";
import { addRecord } from "../records/turn-record.ts";
import type { InboundKind } from "./inbound-kind.ts";

/** Something was done beside the turns of its conversation: a summary, a title, or a command in the background. */
export interface Recorded extends InboundBase {
  readonly kind: "recorded";
  readonly record: TurnRecord;
}

declare module "../../domain/inbound.ts" {
  interface InboundKinds {
    readonly recorded: Recorded;
  }
}

/** The record of something that was done beside the turns. */
export const recorded: InboundKind<Recorded> = {
  fields: { record: "turnRecord" },
  origin: "own",
  opens: () => false,
  concernsArchived: true,
  expectsAnswer: false,
  mayQuote: () => [],
  changeMemory: (changing, { record }) => ({ ...changing, memory: addRecord(changing.memory, record) }),
  mayRemove: () => false,
};

/** The inbound that adds a record to its conversation. */
export function recordedInbound(record: TurnRecord): Recorded {
  const { id, conversation, platform, place } = record;
  return { kind: "recorded", conversation, dedupeId: `recorded:${id}`, platform, place, record };
}
