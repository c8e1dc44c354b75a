import type { InboxEntry } from "../../domain/inbound.ts";
import type { AdmittedConversation } from "./claimed-conversation.ts";
import { firstEntryAlone } from "./crash-suspects.ts";

/** The entries that the next turn may cover: all that wait, or the first one alone if a burst ended a process. */
export function entriesToPlan({
  admission: { verdict },
  running,
  waiting,
}: Pick<AdmittedConversation, "admission" | "running" | "waiting">): readonly InboxEntry[] {
  return verdict === "go" || running?.answer !== undefined ? waiting : firstEntryAlone(waiting);
}
