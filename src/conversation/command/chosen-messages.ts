import type { Said } from "../../domain/inbound.ts";
import type { ChosenMessages } from "../../ports/chosen-messages.ts";
import type { Ids } from "../../ports/ids.ts";
import { limitMessage } from "../text/limit-message.ts";
import { keepInPrivate, readKept, type PrivatePorts } from "./keep-in-private.ts";

interface Kept {
  readonly asker: string;
  readonly author: string;
  readonly said: Said;
}

interface Ports extends PrivatePorts {
  readonly ids: Pick<Ids, "reference">;
}

/** Keeps chosen messages among the private answers: the same erasures take them. */
export function chosenMessagesIn({ ids, ...ports }: Ports): ChosenMessages {
  return {
    keep: async ({ said, asker }, signal) => {
      const id = ids.reference();
      const kept: Kept = {
        asker,
        author: said.message.author.id,
        said: { ...said, message: limitMessage(said.message) },
      };
      return (await keepInPrivate(ports, { ...said, id }, kept, signal)) ? id : undefined;
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
