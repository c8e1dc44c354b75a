import type { Erasure } from "../../domain/conversation-memory.ts";
import type { ConversationKey } from "../../domain/conversation.ts";
import type { Change } from "../../domain/inbound.ts";
import type { FilePorts } from "./read-file.ts";

/**
 * Erases the files of messages that are deleted before memory held them, which no sync hears of. Where the store is away, their
 * links end within the hour.
 */
export async function eraseFiles(
  { files, log }: Pick<FilePorts, "files" | "log">,
  conversation: ConversationKey,
  erasures: readonly Erasure[],
  signal: AbortSignal,
): Promise<void> {
  if (erasures.length === 0) return;
  try {
    await files.erase(conversation, erasures, signal);
  } catch (error) {
    signal.throwIfAborted();
    log.warn({ err: error }, "stored files of deleted messages can't be erased now; they go within the hour");
  }
}

/** The erasures that changes ask for, as far as they concern files. */
export function erasuresIn(changes: readonly Change[]): readonly Erasure[] {
  return changes.flatMap((change): readonly Erasure[] => {
    if (change.kind === "deleted") return [{ revision: 0, kind: "message", message: change.message }];
    if (change.kind !== "forgot") return [];
    return [{ revision: 0, kind: "author", author: change.author, beforeOrdinal: 1 }];
  });
}
