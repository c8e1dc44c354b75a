import type { SearchResult, ArchivedMessage, ArchiveSearch } from "../../../domain/archive.ts";
import { matchWords, matchesAsPrefix, searchWords } from "../../../domain/search-words.ts";
import { searchByWords, type WordGroups, type WordIndex } from "../../records/search-by-words.ts";
import type { Postgres } from "../database/postgres.ts";
import { openMessages } from "./sealed-message.ts";
import { searchSql as sql } from "./search-sql.ts";
import { isCut, type WordHashes } from "./word-hashes.ts";
import type { Row } from "../database/query.ts";

/** The newest messages are searched first, since frequent words occur there too. */
const maxRecent = 20_000;
/** More frequent words are not looked up in the index, which would take seconds. */
const maxPerWord = 300_000;
/** Hits of the index are unordered, so all are read. */
const maxIndexed = 20_000;
/** How many of the newest messages of all places are read for words too frequent for the index. */
const maxReadByPlace = 50_000;
/** With at max this many places, the newest messages are not searched first. */
const maxPlacesWithoutRecentSearch = 50;

/** The database and the secrets of a search. */
export interface SearchPorts {
  readonly postgres: Postgres;
  readonly words: WordHashes;
  /** Whether some words may still be stored unhashed. */
  readonly hasPlain: boolean;
}

/** Searches the given places. Each statement takes some tenths of a second, whatever the archive's size. */
export async function searchMessages(
  ports: SearchPorts,
  search: ArchiveSearch,
  signal: AbortSignal,
): Promise<SearchResult> {
  const words = searchWords(search.words);
  if (words.length === 0 || search.places.length === 0) return { messages: [], isWhole: true };
  return searchByWords(new PostgresWords(ports, search, signal), words, search.limit);
}

class PostgresWords implements WordIndex {
  readonly #query: (statement: string, values: readonly unknown[]) => Promise<readonly Row[]>;
  readonly #ports: SearchPorts;
  readonly #search: ArchiveSearch;
  readonly #expected = new Map<string, number>();

  constructor(ports: SearchPorts, search: ArchiveSearch, signal: AbortSignal) {
    this.#query = (statement, values) => ports.postgres.query(statement, values, signal);
    this.#ports = ports;
    this.#search = search;
  }

  readonly newest = async (anyOf: WordGroups, max: number): Promise<SearchResult> => {
    const { rows, isWhole } = await this.#rows(anyOf, max);
    const messages = await openMessages(rows);
    // Longer words may share a cut term, so the texts decide. Whole words are distinguished by their hashes, with
    // very few exceptions.
    if (!anyOf.flat().some(isCut)) return { messages, isWhole };
    const holds = ({ text }: ArchivedMessage): boolean =>
      anyOf.some((words) => matchWords(text, words).words === words.length);
    return { messages: messages.filter(holds), isWhole };
  };

  readonly count = (words: readonly string[]): Promise<readonly number[]> =>
    Promise.all(
      words.map(async (word) => {
        const query = this.#queryOf([[word]]);
        const expected = await this.#expect(query);
        if (expected > maxPerWord) return expected;
        return Number((await this.#query(sql.count, [query]))[0]?.["count"]);
      }),
    );

  async #rows(anyOf: WordGroups, max: number): Promise<{ rows: readonly Row[]; isWhole: boolean }> {
    const { platform, places, within } = this.#search;
    const there = [this.#queryOf(anyOf), platform, places] as const;
    if (within !== undefined) {
      const values = [...there, within.conversation, within.since, max];
      return { rows: await this.#query(sql.within, values), isWhole: true };
    }
    if (places.length > maxPlacesWithoutRecentSearch) {
      const rows = await this.#query(sql.recent, [...there, maxRecent, max]);
      // Older hits would not be compared anyway.
      if (rows.length >= max) return { rows, isWhole: true };
    }
    const index = await this.#indexQuery(anyOf);
    if (index !== undefined)
      return foundIn(await this.#query(sql.indexed, [...there, index, maxIndexed * 2, max]));
    const each = Math.ceil(maxReadByPlace / places.length);
    return foundIn(await this.#query(sql.byPlace, [...there, each, max]));
  }

  /** The query's rarer words, to look up in the index. Undefined if the index would return too much. */
  async #indexQuery(anyOf: WordGroups): Promise<string | undefined> {
    const words = [...new Set(anyOf.flat())];
    const expected = await Promise.all(words.map((word) => this.#expect(this.#queryOf([[word]]))));
    const isRare = (word: string): boolean => (expected[words.indexOf(word)] ?? 0) <= maxPerWord;
    const rarer = anyOf.map((group) => group.filter(isRare));
    if (rarer.some((group) => group.length === 0)) return undefined;
    const query = this.#queryOf(rarer);
    return (await this.#expect(query)) <= maxIndexed ? query : undefined;
  }

  #queryOf(anyOf: WordGroups): string {
    const { words, hasPlain } = this.#ports;
    const hashed = joinGroups(anyOf, (word) => `'${words.term(word)}'`);
    return hasPlain ? `${hashed} | ${joinGroups(anyOf, plainTermOf)}` : hashed;
  }

  /** How many messages Postgres expects, by its statistics alone. */
  async #expect(query: string): Promise<number> {
    const known = this.#expected.get(query);
    if (known !== undefined) return known;
    const [row] = await this.#query(sql.expected, [query]);
    const rows = Number(/"Plan Rows": ?(\d+)/u.exec(JSON.stringify(row?.["QUERY PLAN"], null, 1))?.[1] ?? 0);
    this.#expected.set(query, rows);
    return rows;
  }
}

/** The first row says whether the search was complete, and may hold no message. */
function foundIn(rows: readonly Row[]): { rows: readonly Row[]; isWhole: boolean } {
  return { rows: rows.filter(({ id }) => id !== null), isWhole: rows[0]?.["whole"] === true };
}

function joinGroups(anyOf: WordGroups, termOf: (word: string) => string): string {
  return anyOf.map((words) => `(${words.map(termOf).join(" & ")})`).join(" | ");
}

/** As format 2 stored words. Only letters and digits, so nothing is an operator. */
function plainTermOf(word: string): string {
  return matchesAsPrefix(word) ? `'${word}':*` : `'${word}'`;
}
