import { quotedId } from "../../domain/quoted.ts";
import type { Directory } from "../../ports/directory.ts";
import type { MessageChange } from "../../domain/message-change.ts";

/**
 * Copies an edit or deletion for each conversation that quotes the message, so that the quotes change too. A copy never
 * calls the bot. @throws {ArchiveError} if only the archive knows all of these conversations.
 */
export async function changesToQuotes(
  quoting: Directory["quoting"],
  change: MessageChange,
  signal: AbortSignal,
): Promise<readonly MessageChange[]> {
  const { platform, place, message, dedupeId } = change;
  const base = { platform, place, message: quotedId(message) };
  const changes: MessageChange[] = [];
  for (const conversation of await quoting(platform, place, message, signal)) {
    const to = { ...base, conversation, dedupeId: `${dedupeId}:quoted:${conversation}` };
    if (change.kind === "deleted") changes.push({ ...to, kind: "deleted" });
    else
      changes.push({
        ...to,
        kind: "edited",
        text: change.text,
        ...(change.attachments === undefined ? {} : { attachments: change.attachments }),
        ...(change.isByApp === true ? { isByApp: true } : {}),
      });
  }
  return changes;
}
