import type { RememberingPlan } from "../planning/plan.ts";
import type { AdmittedConversation } from "../recovery/admitted-conversation.ts";

/**
 * The inbounds of a plan, which does what they say: they do not interrupt it. A turn may have claimed an inbound before it is
 * told of it.
 */
export function inboundsOf(
  { waiting }: Pick<AdmittedConversation, "waiting">,
  { covers }: RememberingPlan,
): ReadonlySet<string | undefined> {
  return new Set(waiting.filter(({ id }) => covers.includes(id)).map(({ inbound }) => inbound.dedupeId));
}
