import type { InboxEntry } from "../../domain/inbound.ts";
import type { Plan } from "../planning/plan.ts";
import type { AdmittedConversation } from "../recovery/admitted-conversation.ts";
import { interruptionsIn, type InterruptingPorts } from "./look-for-interruptions.ts";

/**
 * Sends the Stops, commands and erasures that a plan takes in once more. The process that stored one may have died before it
 * could send it, and a command in the background has an inbox of its own. A second time changes nothing.
 */
export async function repeatInterruptions(
  ports: InterruptingPorts,
  { lease: { conversation }, waiting }: Pick<AdmittedConversation, "lease" | "waiting">,
  plan: Plan,
  signal: AbortSignal,
): Promise<void> {
  if (plan.kind === "idle") return;
  const planned: readonly InboxEntry[] = waiting.filter(({ id }) => plan.covers.includes(id));
  for (const interruption of interruptionsIn(ports, planned))
    if (interruption.kind !== "question-changed")
      await ports.interruptions.interrupt(conversation, interruption, signal);
}
