import type { Said } from "../../domain/inbound.ts";
import type { ChosenMessages } from "../../ports/chosen-messages.ts";
import type { Ids } from "../../ports/ids.ts";
import { limitMessage } from "../text/limit-message.ts";
import type { ErasureRequests } from "../../ports/erasure-requests.ts";
import { dropKept, keepInPrivate, readKept, type PrivatePorts } from "./keep-in-private.ts";

interface Kept {
  readonly asker: string;
  readonly author: string;
  readonly said: Said;
}

interface Ports extends PrivatePorts {
  readonly ids: Pick<Ids, "reference">;
  readonly erasureRequests: Pick<ErasureRequests, "cutoffs">;
}

/** Keeps chosen messages among the private answers: the same erasures take them. */
export function chosenMessagesIn({ ids, erasureRequests, ...ports }: Ports): ChosenMessages {
  return {
    keep: async ({ said, asker }, signal) => {
      const at = { ...said, id: ids.reference() };
      const author = said.message.author.id;
      const kept: Kept = { asker, author, said: { ...said, message: limitMessage(said.message) } };
      const sinceMs = ports.clock.nowMs();
      if (!(await keepInPrivate(ports, at, kept, signal))) return undefined;
      // An erasure that was ordered in that time may have missed it.
      const cutoffs = await erasureRequests.cutoffs(said.platform, [asker, author], signal);
      if ([...cutoffs.values()].every((beforeMs) => beforeMs < sinceMs)) return at.id;
      await dropKept(ports, at, signal);
      return undefined;
    },
    find: async (at, asker, signal) => {
      const kept = await readKept(ports, at, signal);
      return isKept(kept) && kept.asker === asker ? kept.said : undefined;
    },
  };
}

function isKept(kept: unknown): kept is Kept {
  if (typeof kept !== "object" || kept === null || !("asker" in kept) || !("said" in kept)) return false;
  const { said } = kept;
  return typeof said === "object" && said !== null && "kind" in said && said.kind === "said";
}
