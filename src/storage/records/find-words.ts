import type { LedgerMessage } from "../../domain/ledger.ts";
import { heldIn } from "./search-words.ts";

/** One of these groups, and of it every word. */
export type AnyOf = readonly (readonly string[])[];

/** What an archive can find, where somebody may look. */
export interface WordIndex {
  /** The newest first. */
  readonly newest: (anyOf: AnyOf, limit: number) => Promise<readonly LedgerMessage[]>;
  /** How often each of the words stands somewhere, roughly; 0 where it stands nowhere. */
  readonly count: (words: readonly string[]) => Promise<readonly number[]>;
}

/** The best are chosen from so many of the newest: a word that stands everywhere must not cost a look at everything. */
const mostCompared = 200;
/** Groups of a few words out of so many are still few. */
const mostCombined = 6;

/** What holds all of the words, best first, then newest; where nothing does, what holds more than half of them. */
export async function findWords(
  index: WordIndex,
  words: readonly string[],
  limit: number,
): Promise<readonly LedgerMessage[]> {
  const most = Math.max(limit, mostCompared);
  const all = await index.newest([words], most);
  if (all.length > 0 || words.length < 3) return best(all, words, words.length).slice(0, limit);
  const least = Math.floor(words.length / 2) + 1;
  const groups = await groupsFor(index, words, least);
  if (groups.length === 0) return [];
  return best(await index.newest(groups, most), words, least).slice(0, limit);
}

/** Whatever holds `least` of the words holds one of these groups; of many words only the rarest are in them. */
async function groupsFor(index: WordIndex, words: readonly string[], least: number): Promise<AnyOf> {
  if (words.length <= mostCombined) return combinations(words, least);
  const present = await rarestFirst(index, words);
  if (present.length < least) return [];
  const rarest = present.slice(0, mostCombined);
  return combinations(rarest, Math.max(1, least - (present.length - rarest.length)));
}

/** Without those that stand nowhere. */
async function rarestFirst(index: WordIndex, words: readonly string[]): Promise<readonly string[]> {
  const counts = await index.count(words);
  const counted = words.map((word, at) => ({ word, count: counts[at] ?? 0 }));
  return counted
    .filter(({ count }) => count > 0)
    .toSorted((a, b) => a.count - b.count)
    .map(({ word }) => word);
}

function combinations(words: readonly string[], size: number): AnyOf {
  if (size === 0) return [[]];
  return words.flatMap((word, at) =>
    combinations(words.slice(at + 1), size - 1).map((others) => [word].concat(others)),
  );
}

function best(
  found: readonly LedgerMessage[],
  words: readonly string[],
  least: number,
): readonly LedgerMessage[] {
  return found
    .map((message) => ({ message, held: heldIn(message.text, words) }))
    .filter(({ held }) => held.words >= least)
    .toSorted(
      (a, b) =>
        b.held.words - a.held.words ||
        b.held.closeness - a.held.closeness ||
        b.message.saidAtMs - a.message.saidAtMs,
    )
    .map(({ message }) => message);
}
