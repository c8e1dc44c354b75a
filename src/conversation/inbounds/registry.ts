import type { Change, Inbound, InboundKinds } from "../../domain/inbound.ts";
import type { Author, MessageId } from "../../domain/message.ts";
import type { InboundFacts } from "../../domain/inbound-facts.ts";
import type { InboundFormat } from "../../ports/inbound-format.ts";
import { announced } from "./announced.ts";
import { authorErased } from "./author-erased.ts";
import { commandInbound } from "./command-inbound.ts";
import { described } from "./described.ts";
import { delegated } from "./delegated.ts";
import { deleted } from "./deleted.ts";
import { edited } from "./edited.ts";
import { erased } from "./erased.ts";
import { expired } from "./expired.ts";
import type { InboundKind, MemoryChange, RulesOf } from "./inbound-kind.ts";
import { joined } from "./joined.ts";
import { lapsed } from "./lapsed.ts";
import { outdated } from "./outdated.ts";
import { pressed } from "./pressed.ts";
import { reasked } from "./reasked.ts";
import { recorded } from "./recorded.ts";
import { retracted } from "./retracted.ts";
import { said } from "./said.ts";
import { stopped } from "./stopped.ts";
import { summarized } from "./summarized.ts";
import { titled } from "./titled.ts";
import { unlocated } from "./unlocated.ts";

/** Every kind of inbound, by its stored name. What depends on the kind is asked here. */
const inboundKinds: { readonly [K in keyof InboundKinds]: InboundKind<InboundKinds[K]> } = {
  said,
  edited,
  deleted,
  commanded: commandInbound,
  pressed,
  stopped,
  erased,
  joined,
  delegated,
  unplaced: unlocated,
  announced,
  reasked,
  retracted,
  forgot: authorErased,
  expired,
  lapsed,
  outdated,
  folded: summarized,
  titled,
  described,
  recorded,
};

const rules: Readonly<Record<Inbound["kind"], RulesOf>> = inboundKinds;
const changes: Readonly<Record<Change["kind"], MemoryChange<Change>>> = inboundKinds;

/** The rules of an inbound's kind. */
export function rulesOf({ kind }: Inbound): RulesOf {
  return rules[kind];
}

/** How a change changes memory. */
export function memoryChangeOf({ kind }: Change): MemoryChange<Change> {
  return changes[kind];
}

/** The author of an inbound. Undefined where it has none. */
export function authorOf(inbound: Inbound): Author | undefined {
  return rulesOf(inbound).author?.(inbound);
}

/** The platform message that carries an inbound. Undefined where there is none. */
export function carrierOf(inbound: Inbound): MessageId | undefined {
  return rulesOf(inbound).carriedBy?.(inbound);
}

/** What the stores are told of inbounds. */
export const inboundFormat: InboundFormat = {
  fields: Object.fromEntries(Object.entries(inboundKinds).map(([kind, { fields }]) => [kind, fields])),
  factsOf,
};

function factsOf(inbound: Inbound): InboundFacts {
  const kind = rulesOf(inbound);
  const message = kind.carriedBy?.(inbound);
  const author = kind.author?.(inbound)?.id;
  const quoted = kind.quoted?.(inbound);
  const title = kind.title?.(inbound);
  return {
    opens: kind.opens(inbound),
    movesUp: kind.origin === "outside" && kind.isQuiet?.(inbound) !== true,
    addsText: kind.text !== undefined,
    replacesText: kind.replacesText?.(inbound) === true,
    mayQuote: kind.mayQuote(inbound),
    ...(message === undefined ? {} : { message, deletedBy: `gone ${inbound.dedupeId}:delete` }),
    ...(author === undefined ? {} : { author }),
    ...(quoted === undefined ? {} : { quoted }),
    ...(title === undefined ? {} : { title }),
    ...(kind.isDeletion === true ? { deletionMark: `gone ${inbound.dedupeId}` } : {}),
  };
}
