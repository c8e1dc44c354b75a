// A database whose files are searched for the bytes of deleted texts. Each text is its number in braces, again and again.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";

import { unallocatedRegion } from "../../../src/storage/sqlite/cleaning/unallocated-region.ts";
import { connectionSettings } from "../../../src/storage/sqlite/connection/connection-settings.ts";

export const fileIn = (folder: string): string => join(folder, "test.sqlite");

/** Tables of each kind, with an index that repeats the text. */
export function prepare(database: DatabaseSync): void {
  database.exec(`${connectionSettings}
    CREATE TABLE IF NOT EXISTS cleanup (id INTEGER PRIMARY KEY CHECK (id = 1), next_page INTEGER, is_open INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS keyed (key TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS numbered (key INTEGER PRIMARY KEY, text TEXT NOT NULL);
    CREATE INDEX IF NOT EXISTS numbered_by_text ON numbered (text);
  `);
}

/** The texts that have left bytes in the files of a folder. */
export function textsIn(folder: string): ReadonlySet<number> {
  const bytes = readdirSync(folder)
    .filter((name) => !name.endsWith("-shm"))
    .map((name) => readFileSync(join(folder, name), "latin1"))
    .join("\n");
  return new Set(Array.from(bytes.matchAll(/\{(\d{5})\}/gu), ([, text]) => Number(text)));
}

/** The pages with bytes outside any row. */
export function dirtyPagesIn(folder: string): readonly number[] {
  const bytes = readFileSync(fileIn(folder));
  const pages = Array.from({ length: bytes.length / 4_096 }, (_, index) => index + 1);
  return pages.filter((number) => {
    const page = bytes.subarray((number - 1) * 4_096, number * 4_096);
    const gap = unallocatedRegion(page, number);
    return gap !== undefined && page.subarray(gap.start, gap.end).some((byte) => byte !== 0);
  });
}
