import type { InboxEntry } from "../../domain/inbound.ts";
import { isBound } from "../../domain/turn.ts";
import type { AdmittedConversation } from "./claimed-conversation.ts";
import { firstEntryAlone } from "./crash-suspects.ts";

/** The entries that the next turn may cover: all that wait, or the first one alone if a burst ended a process. */
export function entriesToPlan({
  admission: { verdict },
  running,
  waiting,
}: Pick<AdmittedConversation, "admission" | "running" | "waiting">): readonly InboxEntry[] {
  const isFixed = running !== undefined && isBound(running);
  return verdict === "go" || isFixed ? waiting : firstEntryAlone(waiting);
}
