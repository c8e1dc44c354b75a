import type { SearchResult, ArchivedMessage, ArchiveSearch } from "../../../domain/archive.ts";
import { matchWords, matchesAsPrefix, searchWords } from "../../../domain/search-words.ts";
import { searchByWords, type WordGroups, type WordIndex } from "../../records/search-by-words.ts";
import type { Postgres } from "../database/postgres.ts";
import { openMessages } from "./sealed-message.ts";
import { searchSql as sql } from "./search-sql.ts";
import { isCut, type WordHashes } from "./word-hashes.ts";
import type { Row } from "../database/query.ts";

/** So many of the newest messages are looked at first: words that stand everywhere stand in them too. */
const maxLately = 20_000;
/** Words that more messages hold are not looked up in the index: it would read for seconds. */
const maxPerWord = 300_000;
/** What the index finds may be in any order, and is looked at as a whole. */
const maxIndexed = 20_000;
/** Of words that can't be looked up, so many of the newest messages of all places together are looked at. */
const maxWalked = 50_000;
/** So few places are gone through one by one. */
const maxPlacesWalkedFirst = 50;

/** Where to look. */
export interface SearchPorts {
  readonly postgres: Postgres;
  readonly words: WordHashes;
  /** Some words may stand there in the clear. */
  readonly hasPlain: boolean;
}

/** What holds the words, in these places only. A statement takes some tenths of a second, however much there is. */
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

  readonly newest = async (anyOf: WordGroups, most: number): Promise<SearchResult> => {
    const { rows, isWhole } = await this.#rows(anyOf, most);
    const messages = await openMessages(rows);
    // Other words may begin as these do; of the rest, all but very few have been told apart.
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

  async #rows(anyOf: WordGroups, most: number): Promise<{ rows: readonly Row[]; isWhole: boolean }> {
    const { platform, places, within } = this.#search;
    const there = [this.#queryOf(anyOf), platform, places] as const;
    if (within !== undefined) {
      const values = [...there, within.conversation, within.since, most];
      return { rows: await this.#query(sql.within, values), isWhole: true };
    }
    if (places.length > maxPlacesWalkedFirst) {
      const rows = await this.#query(sql.lately, [...there, maxLately, most]);
      // Older ones would not be compared either.
      if (rows.length >= most) return { rows, isWhole: true };
    }
    const index = await this.#indexQuery(anyOf);
    if (index !== undefined)
      return found(await this.#query(sql.indexed, [...there, index, maxIndexed * 2, most]));
    const each = Math.ceil(maxWalked / places.length);
    return found(await this.#query(sql.walked, [...there, each, most]));
  }

  /** What of the query the index is asked for: the rarer words. Undefined: too much would be found. */
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
    const hashed = anyOfThem(anyOf, (word) => `'${words.term(word)}'`);
    return hasPlain ? `${hashed} | ${anyOfThem(anyOf, plainTermOf)}` : hashed;
  }

  /** In how many messages, as far as Postgres knows without looking. */
  async #expect(query: string): Promise<number> {
    const known = this.#expected.get(query);
    if (known !== undefined) return known;
    const [row] = await this.#query(sql.expected, [query]);
    const rows = Number(/"Plan Rows": ?(\d+)/u.exec(JSON.stringify(row?.["QUERY PLAN"], null, 1))?.[1] ?? 0);
    this.#expected.set(query, rows);
    return rows;
  }
}

/** The first row says whether it is all, and may be nothing else. */
function found(rows: readonly Row[]): { rows: readonly Row[]; isWhole: boolean } {
  return { rows: rows.filter(({ id }) => id !== null), isWhole: rows[0]?.["whole"] === true };
}

function anyOfThem(anyOf: WordGroups, termOf: (word: string) => string): string {
  return anyOf.map((words) => `(${words.map(termOf).join(" & ")})`).join(" | ");
}

/** As format 2 has them. Letters and digits only, so nothing in it is an operator. */
function plainTermOf(word: string): string {
  return matchesAsPrefix(word) ? `'${word}':*` : `'${word}'`;
}
