import type { DatabaseSync } from "node:sqlite";

import type { PageCleaner } from "./page-cleaner.ts";

const pagesPerSlice = 64;
/** How often the progress is stored. Each time writes a page. */
const pagesPerProgressWrite = 4_096;

/**
 * Cleans every page of a file in slices: after an older version, after a recovery, and after another program ran a
 * checkpoint. Continues at the next start where it stopped.
 */
export class FullCleanup {
  readonly #cleaner: PageCleaner;
  readonly #store;
  #next: number | undefined;

  /** `isLogKept`: the log of the last run is still there. */
  constructor(database: DatabaseSync, cleaner: PageCleaner, isLogKept: boolean) {
    this.#cleaner = cleaner;
    this.#store = database.prepare("UPDATE cleanup SET next_page = ?");
    const row = database.prepare("SELECT next_page, is_open FROM cleanup").get();
    const next = row?.["next_page"];
    this.#next = typeof next === "number" ? next : undefined;
    if (row === undefined || (row["is_open"] === 1 && !isLogKept)) this.#next = 1;
    database
      .prepare("INSERT OR REPLACE INTO cleanup (id, next_page, is_open) VALUES (1, ?, 1)")
      .run(this.#next ?? null);
  }

  get isDone(): boolean {
    return this.#next === undefined;
  }

  /** Starts again at the first page. */
  restart(): void {
    this.#next = 1;
    this.#store.run(1);
  }

  /** Cleans the next pages. Returns whether there are more. */
  step(): boolean {
    if (this.#next === undefined) return false;
    const end = Math.min(this.#next + pagesPerSlice, this.#cleaner.countPages() + 1);
    for (let page = this.#next; page < end; page += 1) this.#cleaner.clean(page);
    const isLast = end <= this.#next || end > this.#cleaner.countPages();
    if (isLast || Math.floor(end / pagesPerProgressWrite) > Math.floor(this.#next / pagesPerProgressWrite)) {
      this.#cleaner.sync();
      this.#store.run(isLast ? null : end);
    }
    this.#next = isLast ? undefined : end;
    return !isLast;
  }
}
