import type { DerivedReply } from "../../domain/archive.ts";
import type { ConversationMemory, RememberedMessage, Source } from "../../domain/conversation-memory.ts";
import type { Archive } from "../../ports/archive.ts";
import type { Memory } from "../../ports/memory.ts";

interface SourcePorts {
  readonly archive: Archive;
  readonly memories: Memory;
}

/** Replies whose sources were removed or edited since they were read. */
export async function repliesWithLostSources(
  ports: SourcePorts,
  { conversation, platform, place }: ConversationMemory,
  messages: readonly RememberedMessage[],
  signal: AbortSignal,
): Promise<readonly DerivedReply[]> {
  const sourceless: DerivedReply[] = [];
  for (const { id, revision: made, sources = [], posts = [] } of messages) {
    for (const source of sources) {
      const revision = await revisionOf(ports, source, signal);
      const isAsRead = revision !== undefined && revision <= (source.revision ?? Infinity);
      if (!isAsRead) sourceless.push({ conversation, platform, place, message: id, revision: made, posts });
    }
  }
  return sourceless;
}

/** From the archive, or from memory if it is not synced yet. Undefined: removed. */
async function revisionOf(
  { archive, memories }: SourcePorts,
  { conversation, message }: Source,
  signal: AbortSignal,
): Promise<number | undefined> {
  const archived = await archive.find(conversation, message, signal);
  if (archived !== undefined) return archived.revision;
  const { memory } = await memories.read(conversation, signal);
  return memory?.messages.find(({ id }) => id === message)?.revision;
}
