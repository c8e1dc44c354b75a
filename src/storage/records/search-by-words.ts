import type { SearchResult } from "../../domain/archive.ts";
import { rankMatches, minMatchingWords } from "../../domain/rank-matches.ts";

/** Matches a text that has every word of at least one group. */
export type WordGroups = readonly (readonly string[])[];

/** The searchable messages of one search, limited to its places. */
export interface WordIndex {
  /** Newest first. */
  readonly newest: (anyOf: WordGroups, limit: number) => Promise<SearchResult>;
  /** About how many messages have each word; 0 for none. */
  readonly count: (words: readonly string[]) => Promise<readonly number[]>;
}

/** How many of the newest hits are ranked. This bounds the cost of words that nearly every message has. */
const maxCompared = 200;
/** With this many words, the groups of a few of them are still few. */
const maxCombinedWords = 6;

/** Finds messages that have all the words, or else max of them, ranked by `bestOf`. */
export async function searchByWords(
  index: WordIndex,
  words: readonly string[],
  limit: number,
): Promise<SearchResult> {
  const max = Math.max(limit, maxCompared);
  const all = await index.newest([words], max);
  if (all.messages.length > 0 || words.length < 3) return best(all, words, limit);
  const groups = await groupsFor(index, words, minMatchingWords(words));
  if (groups.length === 0) return all;
  const some = await index.newest(groups, max);
  return best({ ...some, isWhole: all.isWhole && some.isWhole }, words, limit);
}

async function best(
  { messages, isWhole }: SearchResult,
  words: readonly string[],
  limit: number,
): Promise<SearchResult> {
  return { messages: (await rankMatches(messages, words)).slice(0, limit), isWhole };
}

/** Groups such that every text with `least` of the words matches one. Of many words only the rarest are used. */
async function groupsFor(index: WordIndex, words: readonly string[], least: number): Promise<WordGroups> {
  if (words.length <= maxCombinedWords) return combinations(words, least);
  const present = await rarestFirst(index, words);
  if (present.length < least) return [];
  const rarest = present.slice(0, maxCombinedWords);
  return combinations(rarest, Math.max(1, least - (present.length - rarest.length)));
}

/** Drops words that no message has. */
async function rarestFirst(index: WordIndex, words: readonly string[]): Promise<readonly string[]> {
  const counts = await index.count(words);
  const counted = words.map((word, at) => ({ word, count: counts[at] ?? 0 }));
  return counted
    .filter(({ count }) => count > 0)
    .toSorted((a, b) => a.count - b.count)
    .map(({ word }) => word);
}

function combinations(words: readonly string[], size: number): WordGroups {
  if (size === 0) return [[]];
  return words.flatMap((word, at) =>
    combinations(words.slice(at + 1), size - 1).map((others) => [word].concat(others)),
  );
}
