import { withDeadline } from "../../async/deadline.ts";
import type { ReplyAddress } from "../../domain/reply-address.ts";
import type { Finish, Journal } from "../../ports/journal.ts";
import type { AdmittedConversation } from "./admitted-conversation.ts";
import type { TurnPorts } from "../planning/turn-ports.ts";

type Held = Pick<AdmittedConversation, "running" | "waiting"> & {
  readonly admission: Pick<AdmittedConversation["admission"], "suspicion">;
};

/** An erasure waits so long for the title; the platform tries on. */
const erasedTitleMs = 3_000;

/**
 * Shows that the bot no longer works on a conversation, on platforms that show that it does. Before the journal takes the
 * end: after a crash in between, the next claim does it again. Undefined: there is nothing to show. Never rejects.
 */
export function showRest(
  { platforms }: Pick<TurnPorts, "platforms">,
  held: Held,
  isAsking: boolean,
  signal: AbortSignal,
): Promise<void> | undefined {
  const to = workedFor(held);
  if (to === undefined) return undefined;
  // The process that ran the turn before may have died, or handed it over.
  const mayBeLeft = held.running !== undefined || held.admission.suspicion !== undefined;
  return platforms
    .get(to.platform)
    ?.showRest?.(to, { isAsking, mayBeLeft }, signal)
    ?.catch(() => undefined);
}

/** A journal that shows the rest before it finishes a turn, and the title after that. */
export function restingJournal(ports: Pick<TurnPorts, "platforms" | "journal">, held: Held): Journal {
  const { journal } = ports;
  return {
    ...journal,
    finish: async (lease, leaves, signal) => {
      const { conversation } = lease;
      const platform = ports.platforms.get(held.waiting[0]?.inbound.platform ?? "");
      const show = async (isErased: boolean): Promise<void> =>
        platform?.showTitle?.(conversation, isErased).catch(() => undefined);
      // A saved turn that goes on may be left again; the claim after that knows of it.
      const rests = leaves.goesOn !== true || held.running === undefined;
      const resting = rests ? showRest(ports, held, false, signal) : undefined;
      if (resting !== undefined) await resting;
      if (leaves.erase === true)
        await withDeadline(() => show(true), erasedTitleMs, signal).catch(() => undefined);
      const outcome = await journal.finish(lease, leaves, signal);
      if (changesTitle(leaves)) void show(false);
      return outcome;
    },
  };
}

/** A title that only quotes the first message is not shown: people see the message. */
function changesTitle({ erase, title, isUnnamed, memory }: Finish): boolean {
  if (erase === true) return false;
  return isUnnamed === true || (title !== undefined && memory?.titledFrom !== undefined);
}

/** Work is shown only for questions, and these wait until the finish. All of a conversation share a thread. */
function workedFor({ running, waiting }: Held): ReplyAddress | undefined {
  const asked = waiting.findLast(({ inbound }) => inbound.kind === "said" || inbound.kind === "reasked");
  if (asked?.inbound.kind === "said" || asked?.inbound.kind === "reasked") return asked.inbound.replyTo;
  const isApart = waiting.some(({ inbound }) => inbound.kind === "delegated" || inbound.kind === "joined");
  return isApart ? undefined : running?.replyTo;
}
