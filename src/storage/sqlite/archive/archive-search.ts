import type { SearchResult, ArchiveSearch } from "../../../domain/archive.ts";
import { matchesAsPrefix, searchWords } from "../../../domain/search-words.ts";
import { searchByWords, type WordGroups } from "../../records/search-by-words.ts";
import { readRow } from "../../records/archive-row.ts";
import type { ReadingStatements } from "./archive-statements.ts";
import { tokenOf } from "./archive-words.ts";

/** Up to this many places are part of the query. With more, the place of each hit is checked. */
const maxNamedPlaces = 50;
/** And only this many hits are checked, which takes about 0.2 s. */
const maxScanned = 200_000;

/** Searches the given places. */
export async function searchArchiveFile(
  statements: ReadingStatements,
  search: ArchiveSearch,
): Promise<SearchResult> {
  const { platform, places, within, limit } = search;
  const words = searchWords(search.words);
  if (words.length === 0 || places.length === 0) return { messages: [], isWhole: true };
  const there = [platform, JSON.stringify(places), within?.conversation ?? null, within?.since ?? 0] as const;
  const location = locationQuery(search);
  const newest = async (anyOf: WordGroups, max: number): Promise<SearchResult> => {
    const query = `${wordsQuery(anyOf)}${location}`;
    const floor = location === "" ? Number(statements.nth.get(query, maxScanned)?.["row"] ?? 0) : 0;
    const rows = statements.newest.all(query, ...there, floor, max);
    return { messages: rows.flatMap((row) => readRow(row) ?? []), isWhole: floor === 0 };
  };
  const count = async (each: readonly string[]): Promise<readonly number[]> =>
    each.map((word) => Number(statements.count.get(wordsQuery([[word]]))?.["count"]));
  const found = await searchByWords({ newest, count }, words, limit);
  return { ...found, isBeingIndexed: statements.isUnindexed.get() !== undefined };
}

/** Quoted, so that FTS5 treats no word as an operator. */
function wordsQuery(anyOf: WordGroups): string {
  const groups = anyOf.map((words) => `(${words.map(termOf).join(" AND ")})`);
  return `words : (${groups.join(" OR ")})`;
}

function termOf(word: string): string {
  return matchesAsPrefix(word) ? `"${word}"*` : `"${word}"`;
}

/** Empty if it would name too many places. */
function locationQuery({ platform, places, within }: ArchiveSearch): string {
  if (within !== undefined) return ` AND home : "${tokenOf("c", within.conversation)}"`;
  if (places.length > maxNamedPlaces) return "";
  const tokens = places.map((place) => `"${tokenOf("p", `${platform}\n${place}`)}"`);
  return ` AND home : (${tokens.join(" OR ")})`;
}
