import type { DerivedReply, ArchivedMessage } from "../../domain/archive.ts";
import type { MessageId } from "../../domain/message.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { Archive } from "../../ports/archive.ts";

/**
 * Our replies that have nothing left to rest on after some messages have gone: they answer nothing that stays, or
 * looked one of them up. The same at once and long after: a reply to several questions goes with the last of them.
 * @throws {ArchiveError}
 */
export async function unsupportedReplies(
  archive: Archive,
  { conversation, messages }: ConversationMemory,
  gone: readonly MessageId[],
  signal: AbortSignal,
): Promise<readonly DerivedReply[]> {
  if (gone.length === 0) return [];
  const ids = new Set(gone);
  const held = new Set(messages.map(({ id }) => id));
  const bereft: DerivedReply[] = [];
  for (const each of await archive.derivedFrom(conversation, gone, signal)) {
    const isHere = each.conversation === conversation;
    const reply = isHere ? await archive.find(conversation, each.message, signal) : undefined;
    if (reply === undefined || hasLookedUp(reply) || (await answersNothing(reply))) bereft.push(each);
  }
  return bereft;

  function hasLookedUp({ sources = [] }: ArchivedMessage): boolean {
    return sources.some((source) => source.conversation === conversation && ids.has(source.message));
  }

  async function answersNothing({ answers }: ArchivedMessage): Promise<boolean> {
    for (const id of answers) {
      if (held.has(id)) return false;
      if (!ids.has(id) && (await archive.find(conversation, id, signal)) !== undefined) return false;
    }
    return true;
  }
}
