import type { LedgerHome, LedgerMessage } from "../domain/ledger.ts";
import type { Accept } from "../ports/accept.ts";
import type { Ledger } from "../ports/ledger.ts";
import { pagesOf } from "./pages-of.ts";
import { repeatingOf } from "./rests-on.ts";

/**
 * Before the ledger forgets what somebody said in a conversation: takes back, through the inboxes, our answers that were
 * made from it or repeat it, wherever they are. Afterwards nobody could tell. The conversation is read once, and looked
 * through in slices. @throws {LedgerError}, {StoreError}
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
  const others = all.filter((each) => each.role === "person" && !isTheirs(each)).map(({ text }) => text);
  const replies = all.filter(({ role, ordinal }) => role !== "person" && ordinal > first.ordinal);
  const here = (await repeatingOf(replies, theirs, others))
    // What people still see of our answers stays, as what they said themselves does.
    .map(({ id }) => ({ conversation, platform, place, message: id, posts: [], staysShown: true }) as const);
  for (const each of [...elsewhere, ...here]) {
    const dedupeId = `retracted:${each.conversation}:${each.message}`;
    await accept({ ...each, kind: "retracted", dedupeId }, signal);
  }
}
