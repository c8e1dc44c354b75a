import type { AnyFields, InboundFacts } from "../domain/inbound-facts.ts";
import type { Inbound } from "../domain/inbound.ts";

/** What the core tells the stores about inbounds. They know no kinds themselves. */
export interface InboundFormat {
  /** The properties of each kind, by the kind's stored name. A record of another kind can't be read. */
  readonly fields: Readonly<Record<string, AnyFields>>;
  readonly factsOf: (inbound: Inbound) => InboundFacts;
}
