import type { LedgerMessage, LedgerSearch } from "../../domain/ledger.ts";
import { findWords, type AnyOf } from "../records/find-words.ts";
import { readRow } from "../records/ledger-row.ts";
import { isBeginning, searchWords } from "../records/search-words.ts";
import { tokenOf } from "./ledger-words.ts";
import type { ReadingStatements } from "./ledger-statements.ts";
import { inSlices } from "./in-slices.ts";

/** So many places are named in a query; with more of them the rows are asked. */
const mostNamed = 200;
const mostGathered = 2_000;
const askedAtOnce = 10;
const mostPlaces = 1_000;

/** What holds the words, in these places only. */
export async function searchLedger(
  statements: ReadingStatements,
  search: LedgerSearch,
): Promise<readonly LedgerMessage[]> {
  const { platform, places, within, limit } = search;
  const words = searchWords(search.words);
  if (words.length === 0 || places.length === 0) return [];
  const there = [platform, JSON.stringify(places), within?.conversation ?? null, within?.since ?? 0] as const;
  const home = homeQuery(search);
  const newest = async (anyOf: AnyOf, most: number): Promise<readonly LedgerMessage[]> =>
    statements.newest.all(`${wordsQuery(anyOf)}${home}`, ...there, most).flatMap((row) => readRow(row) ?? []);
  const count = async (each: readonly string[]): Promise<readonly number[]> =>
    each.map((word) => Number(statements.count.get(wordsQuery([[word]]))?.["count"]));
  return findWords({ newest, count }, words, limit);
}

/** Where something of it was said. What was said often is looked for place by place, beyond the newest. */
export async function placesWith(
  statements: ReadingStatements,
  { platform, words }: { readonly platform: string; readonly words: string },
  signal: AbortSignal,
): Promise<readonly string[]> {
  const sought = searchWords(words);
  if (sought.length === 0) return [];
  const query = wordsQuery(sought.map((word) => [word]));
  const newest = statements.newestPlaces.all(query, platform, mostGathered);
  const places = new Set(newest.flatMap(({ isThere, place }) => (isThere === 1 ? [String(place)] : [])));
  const gathered = newest.reduce((sum, { count }) => sum + Number(count), 0);
  if (gathered < mostGathered) return [...places];
  let last = "";
  await inSlices(() => {
    const next = statements.nextPlaces.all(platform, last, askedAtOnce).map(({ place }) => String(place));
    for (const place of next) {
      const found = statements.anyWith.get(`${query}${placeQuery(platform, [place])}`);
      if (found !== undefined) places.add(place);
    }
    last = next.at(-1) ?? last;
    return next.length === askedAtOnce && places.size < mostPlaces;
  }, signal);
  return [...places].slice(0, mostPlaces);
}

/** Quoted, so that FTS5 takes no word for an operator. */
function wordsQuery(anyOf: AnyOf): string {
  const groups = anyOf.map((words) => `(${words.map(termOf).join(" AND ")})`);
  return `words : (${groups.join(" OR ")})`;
}

function termOf(word: string): string {
  return isBeginning(word) ? `"${word}"*` : `"${word}"`;
}

function homeQuery({ platform, places, within }: LedgerSearch): string {
  if (within !== undefined) return ` AND home : "${tokenOf("c", within.conversation)}"`;
  if (places.length > mostNamed) return "";
  return placeQuery(platform, places);
}

function placeQuery(platform: string, places: readonly string[]): string {
  const tokens = places.map((place) => `"${tokenOf("p", `${platform}\n${place}`)}"`);
  return ` AND home : (${tokens.join(" OR ")})`;
}
