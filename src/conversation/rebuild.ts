import type { ConversationKey } from "../domain/conversation.ts";
import type { Recollection, RememberedMessage, Speaker } from "../domain/recollection.ts";
import type { Ledger } from "../ports/ledger.ts";
import { asRemembered } from "../domain/as-it-reads.ts";
import { nothingYet, withTokens, type CountTokens, type Home } from "./recollect.ts";
import { yielding } from "./yielding.ts";

const most = 500;

/** A memory made anew from the newest of what the archive has of a conversation. Undefined where it has nothing. @throws {LedgerError} */
export async function rebuilt(
  { ledger, countTokens }: { readonly ledger: Ledger; readonly countTokens: CountTokens },
  conversation: ConversationKey,
  home: Home,
  signal: AbortSignal,
): Promise<Recollection | undefined> {
  const filed = await ledger.read({ conversation, limit: most, end: "last" }, signal);
  const [first] = filed;
  const last = filed.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const pause = yielding();
  const messages: RememberedMessage[] = [];
  for (const message of filed) {
    messages.push(withTokens(asRemembered(message), countTokens));
    await pause();
  }
  // What came after the last reset, as far as it is known.
  const current = messages.find(({ chapter }) => chapter === last.chapter) ?? first;
  return {
    ...nothingYet(conversation, home),
    revision: Math.max(...filed.map(({ revision }) => revision)),
    chapter: last.chapter,
    since: last.chapter,
    nextOrdinal: last.ordinal + 1,
    windowFrom: current.ordinal,
    messages,
    speakers: speakersOf(messages),
  };
}

function speakersOf(messages: readonly RememberedMessage[]): readonly Speaker[] {
  const people = messages.filter(({ role }) => role === "person");
  return [
    ...new Map(people.map(({ author, speaker }) => [author.id, { id: author.id, label: speaker }])).values(),
  ];
}
