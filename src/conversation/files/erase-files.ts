import type { ConversationKey } from "../../domain/conversation.ts";
import type { Change, Edited } from "../../domain/inbound.ts";
import type { Message } from "../../domain/message.ts";
import type { Lease } from "../../domain/turn.ts";
import type { FileErasure } from "../../ports/file-store.ts";
import type { Journal } from "../../ports/journal.ts";
import type { FilePorts } from "./read-file.ts";

const lateErasureMs = 5_000;

/**
 * Erases files at once, also those of messages that are deleted before memory held them. Where the store is away, links with an
 * end end within the hour, and the sync of the erasures takes the others.
 */
export async function eraseFiles(
  { files, log }: Pick<FilePorts, "files" | "log">,
  conversation: ConversationKey,
  erasures: readonly FileErasure[],
  signal: AbortSignal,
): Promise<void> {
  if (erasures.length === 0) return;
  try {
    await files.erase(conversation, erasures, signal);
  } catch (error) {
    signal.throwIfAborted();
    log.warn(
      { err: error },
      "stored files of deleted messages can't be erased now; they go within the hour, or with the next sync",
    );
  }
}

/**
 * Call it after the files of a command were stored. If another process may have claimed the conversation in the meantime, it may
 * have erased texts that they hold: then they go. @throws {StaleLeaseError}, {StoreError}
 */
export async function eraseLateFiles(
  {
    journal,
    ...ports
  }: Pick<FilePorts, "files" | "log"> & { readonly journal: Pick<Journal, "assertCurrent"> },
  lease: Lease,
  signal: AbortSignal,
): Promise<void> {
  try {
    await journal.assertCurrent(lease, signal);
  } catch (error) {
    await eraseFiles(ports, lease.conversation, [{ kind: "edited" }], AbortSignal.timeout(lateErasureMs));
    throw error;
  }
}

/**
 * The erasures that changes ask for, as far as they concern files. An edit takes an export along: it holds the old text.
 * `messages`: as remembered before the changes.
 */
export function erasuresIn(
  changes: readonly Change[],
  messages: readonly Pick<Message, "id" | "attachments">[],
): readonly FileErasure[] {
  return changes.flatMap((change): readonly FileErasure[] => {
    // Some apps edit a post every second; only the files that it loses matter.
    if (change.kind === "edited" && change.isByApp === true && !removesFiles(change, messages)) return [];
    if (change.kind === "edited") return [{ kind: "edited", message: change.message }];
    if (change.kind === "deleted") return [{ revision: 0, kind: "message", message: change.message }];
    if (change.kind !== "forgot") return [];
    const { author, beforeMs } = change;
    return [{ revision: 0, kind: "author", author, beforeOrdinal: 1, beforeMs }];
  });
}

function removesFiles(
  { message, attachments }: Edited,
  messages: readonly Pick<Message, "id" | "attachments">[],
): boolean {
  if (attachments === undefined) return false;
  const before = messages.find(({ id }) => id === message)?.attachments ?? [];
  const left = new Set(attachments.map(({ ref }) => ref?.id));
  return before.some(({ ref }) => ref !== undefined && !left.has(ref.id));
}
