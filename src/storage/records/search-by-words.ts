import type { Found } from "../../domain/archive.ts";
import { bestOf, leastOf } from "../../domain/best-of.ts";

/** One of these groups, and of it every word. */
export type WordGroups = readonly (readonly string[])[];

/** What an archive can find, where somebody may look. */
export interface WordIndex {
  /** The newest first. */
  readonly newest: (anyOf: WordGroups, limit: number) => Promise<Found>;
  /** How often each of the words stands somewhere, roughly; 0 where it stands nowhere. */
  readonly count: (words: readonly string[]) => Promise<readonly number[]>;
}

/** The best are chosen from so many of the newest: a word that stands everywhere must not cost a look at everything. */
const maxCompared = 200;
/** Groups of a few words out of so many are still few. */
const maxCombinedWords = 6;

/** What holds the words as bestOf has it. */
export async function searchByWords(
  index: WordIndex,
  words: readonly string[],
  limit: number,
): Promise<Found> {
  const most = Math.max(limit, maxCompared);
  const all = await index.newest([words], most);
  if (all.messages.length > 0 || words.length < 3) return best(all, words, limit);
  const groups = await groupsFor(index, words, leastOf(words));
  if (groups.length === 0) return all;
  const some = await index.newest(groups, most);
  return best({ ...some, isWhole: all.isWhole && some.isWhole }, words, limit);
}

async function best({ messages, isWhole }: Found, words: readonly string[], limit: number): Promise<Found> {
  return { messages: (await bestOf(messages, words)).slice(0, limit), isWhole };
}

/** Whatever holds `least` of the words holds one of these groups; of many words only the rarest are in them. */
async function groupsFor(index: WordIndex, words: readonly string[], least: number): Promise<WordGroups> {
  if (words.length <= maxCombinedWords) return combinations(words, least);
  const present = await rarestFirst(index, words);
  if (present.length < least) return [];
  const rarest = present.slice(0, maxCombinedWords);
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

function combinations(words: readonly string[], size: number): WordGroups {
  if (size === 0) return [[]];
  return words.flatMap((word, at) =>
    combinations(words.slice(at + 1), size - 1).map((others) => [word].concat(others)),
  );
}
