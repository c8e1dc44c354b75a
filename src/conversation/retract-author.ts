import type { LedgerHome, LedgerMessage } from "../domain/ledger.ts";
import type { Accept } from "../ports/accept.ts";
import type { Ledger } from "../ports/ledger.ts";
import { pagesOf } from "./pages-of.ts";
import { repeating } from "./rests-on.ts";

/**
 * Before the ledger forgets what somebody said in a conversation: takes back, through the inboxes, our answers that were
 * made from it or repeat it, wherever they are. Afterwards nobody could tell. @throws {LedgerError}, {StoreError}
 */
export async function retractWhatRestsOn(
  { ledger, accept }: { readonly ledger: Ledger; readonly accept: Accept },
  { conversation, platform, place }: LedgerHome,
  isTheirs: (message: LedgerMessage) => boolean,
  signal: AbortSignal,
): Promise<void> {
  const all: LedgerMessage[] = [];
  for await (const page of pagesOf(ledger, { conversation }, signal)) all.push(...page);
  const theirs = all.filter(isTheirs);
  const [first] = theirs;
  if (first === undefined) return;
  const ids = theirs.map(({ id }) => id);
  const derived = await ledger.derivedFrom(conversation, ids, signal);
  const elsewhere = derived.filter((each) => each.conversation !== conversation);
  const people = all.filter((each) => each.role === "person" && !isTheirs(each));
  const isRepeating = repeating(textsOf(theirs), textsOf(people));
  const here = all
    .filter(({ role, ordinal, text }) => role !== "person" && ordinal > first.ordinal && isRepeating(text))
    // What people still see of our answers stays, as what they said themselves does.
    .map(({ id }) => ({ conversation, platform, place, message: id, posts: [], staysShown: true }) as const);
  for (const each of [...elsewhere, ...here]) {
    const dedupeId = `retracted:${each.conversation}:${each.message}`;
    await accept({ ...each, kind: "retracted", dedupeId }, signal);
  }
}

function textsOf(messages: readonly LedgerMessage[]): readonly string[] {
  return messages.map(({ text }) => text);
}
