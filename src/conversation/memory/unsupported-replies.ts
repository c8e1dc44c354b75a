import type { Derived, LedgerMessage } from "../../domain/archive.ts";
import type { MessageId } from "../../domain/message.ts";
import type { Recollection } from "../../domain/conversation-memory.ts";
import type { Ledger } from "../../ports/archive.ts";

/**
 * Our replies that have nothing left to rest on after some messages have gone: they answer nothing that stays, or
 * looked one of them up. The same at once and long after: a reply to several questions goes with the last of them.
 * @throws {LedgerError}
 */
export async function bereftOf(
  ledger: Ledger,
  { conversation, messages }: Recollection,
  gone: readonly MessageId[],
  signal: AbortSignal,
): Promise<readonly Derived[]> {
  if (gone.length === 0) return [];
  const ids = new Set(gone);
  const held = new Set(messages.map(({ id }) => id));
  const bereft: Derived[] = [];
  for (const each of await ledger.derivedFrom(conversation, gone, signal)) {
    const isHere = each.conversation === conversation;
    const reply = isHere ? await ledger.find(conversation, each.message, signal) : undefined;
    if (reply === undefined || hasLookedUp(reply) || (await answersNothing(reply))) bereft.push(each);
  }
  return bereft;

  function hasLookedUp({ sources = [] }: LedgerMessage): boolean {
    return sources.some((source) => source.conversation === conversation && ids.has(source.message));
  }

  async function answersNothing({ answers }: LedgerMessage): Promise<boolean> {
    for (const id of answers) {
      if (held.has(id)) return false;
      if (!ids.has(id) && (await ledger.find(conversation, id, signal)) !== undefined) return false;
    }
    return true;
  }
}
