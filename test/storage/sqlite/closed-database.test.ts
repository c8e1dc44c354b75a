import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { expect, test } from "vitest";

import { CleanDatabase } from "../../../src/storage/sqlite/cleaning/clean-database.ts";
import { connectionSettings } from "../../../src/storage/sqlite/connection/connection-settings.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const signal = AbortSignal.timeout(600_000);
const pageBytes = 4_096;
const pages = 200;

/** With more pages than one slice cleans, left as by a killed process, so that every page has to be cleaned. */
function makeDatabase(file: string): void {
  using database = new DatabaseSync(file);
  database.exec(`${connectionSettings}
    CREATE TABLE cleanup (id INTEGER PRIMARY KEY CHECK (id = 1), next_page INTEGER, is_open INTEGER NOT NULL);
    INSERT INTO cleanup VALUES (1, NULL, 1);
    CREATE TABLE filler (bytes BLOB NOT NULL);
    INSERT INTO filler VALUES (zeroblob(${pages * pageBytes}));
  `);
}

/** Pages of another file that look unclean: empty leaves with bytes outside any row. */
function dirtyPages(): Buffer {
  const page = Buffer.alloc(pageBytes, "x");
  page.set([0x0d, 0, 0, 0, 0, pageBytes >> 8, 0, 0]);
  return Buffer.concat(Array.from({ length: pages }, () => page));
}

test("a closed database cleans no other file", async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, "test.sqlite");
  makeDatabase(file);
  const clean = new CleanDatabase({
    file,
    prepare: (database) => database.exec(connectionSettings),
    log: new RecordingLog(),
  });
  clean[Symbol.dispose]();
  const other = join(folder.path, "other");
  writeFileSync(other, dirtyPages());
  // One of them gets the cleaner's former file descriptor.
  const opened = Array.from({ length: 20 }, () => openSync(other, "r+"));
  const scrubbing = clean.scrub(signal);
  await expect(scrubbing).rejects.toThrow("aborted");
  for (const each of opened) closeSync(each);
  expect(readFileSync(other).equals(dirtyPages())).toBe(true);
});
