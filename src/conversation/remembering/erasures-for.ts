import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { InboxEntry } from "../../domain/inbound.ts";
import { isMessageChange } from "../../domain/message-change.ts";
import type { FileErasure } from "../../ports/file-store.ts";
import { erasuresIn } from "../files/erase-files.ts";
import type { RememberingPlan } from "../planning/plan.ts";

/**
 * The erasures that a plan asks for. An edit of a message that waits is no change of its own; an earlier try may have stored the
 * files that it removes. `waiting`: as they were accepted.
 */
export function erasuresFor(
  { covers, changes }: Pick<RememberingPlan, "covers" | "changes">,
  waiting: readonly InboxEntry[],
  remembered: ConversationMemory["messages"],
): readonly FileErasure[] {
  const covered = new Set(covers);
  const inbounds = waiting.filter(({ id }) => covered.has(id)).map(({ inbound }) => inbound);
  const said = inbounds.flatMap((inbound) => (inbound.kind === "said" ? [inbound.message] : []));
  const ids = new Set(said.map(({ id }) => id));
  const absorbed = inbounds.filter((inbound) => inbound.kind === "edited" && ids.has(inbound.message));
  return erasuresIn([...changes, ...absorbed.filter(isMessageChange)], [...remembered, ...said]);
}
