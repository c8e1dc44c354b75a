import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { copyRows } from "../../../src/storage/sqlite/recovery/copy-rows.ts";
import { DamagedFile } from "../../../src/storage/sqlite/recovery/damaged-file.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const anyText = fc
  .tuple(fc.string({ unit: "grapheme", maxLength: 20 }), fc.constantFrom(1, 1, 1, 30, 400, 900))
  .map(([text, times]) => text.replaceAll("\0", "0").repeat(times));
const anyValue: fc.Arbitrary<SQLInputValue> = fc.oneof(
  fc.constantFrom(null, 0, 1, -1, 127, 128, -32_769, 2 ** 23, 2 ** 31, -(2 ** 47), Number.MAX_SAFE_INTEGER),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.double({ noNaN: true }),
  anyText,
  fc.uint8Array({ maxLength: 600, size: "max" }),
);
const anyRows = fc.array(fc.tuple(anyText, anyValue, anyValue), { maxLength: 60, size: "max" });
const tables = `
  CREATE TABLE counted (number INTEGER PRIMARY KEY AUTOINCREMENT, one, two, three);
  CREATE INDEX counted_by_one ON counted (one);
  CREATE TABLE plain (one, two, three);
  CREATE TABLE keyed (three, one TEXT, two, PRIMARY KEY (two, one)) WITHOUT ROWID;
`;

function write(
  database: DatabaseSync,
  rows: readonly (readonly [string, SQLInputValue, SQLInputValue])[],
): void {
  database.exec("BEGIN");
  for (const [index, [one, two, three]] of rows.entries()) {
    database
      .prepare("INSERT INTO counted (number, one, two, three) VALUES (?, ?, ?, ?)")
      .run(index * 77, one, two, three);
    database.prepare("INSERT INTO plain (one, two, three) VALUES (?, ?, ?)").run(one, two, three);
    database
      .prepare("INSERT OR IGNORE INTO keyed (one, two, three) VALUES (?, ?, ?)")
      .run(one, two ?? 0, three);
  }
  database.exec("COMMIT");
}

function readAll(database: DatabaseSync, table: string) {
  const statement = database.prepare(`SELECT * FROM ${table} ORDER BY 1, 2, 3`);
  statement.setReadBigInts(true);
  return statement.all();
}

function textsOf(rows: readonly object[]): Set<string> {
  return new Set(rows.map((row) => Object.values(row).join(" ")));
}

function copyOf(file: string, made = tables) {
  using from = new DamagedFile(file);
  const to = new DatabaseSync(":memory:");
  to.exec(made);
  return { to, copied: copyRows(from, to) };
}

describe("a read of rows without SQLite", () => {
  test("returns what SQLite returns, for every kind and page size, with and without a log", async () => {
    await fc.assert(
      fc.asyncProperty(
        anyRows,
        anyRows,
        fc.constantFrom(512, 1_024, 4_096, 65_536),
        fc.constantFrom("WAL", "DELETE"),
        async (first, second, pageSize, mode) => {
          using folder = temporaryFolder();
          const file = join(folder.path, "a.sqlite");
          using database = new DatabaseSync(file);
          database.exec(`PRAGMA page_size = ${pageSize}; PRAGMA journal_mode = ${mode}; ${tables}`);
          write(database, first);
          database.exec("DELETE FROM counted; DELETE FROM plain WHERE rowid % 3 = 0");
          write(database, second);
          const { to, copied } = copyOf(file);
          for (const table of ["counted", "plain", "keyed"]) {
            expect(copied.get(table)?.lost).toBe(0);
            expect(readAll(to, table)).toEqual(readAll(database, table));
          }
          to.close();
        },
      ),
      { numRuns: 25 },
    );
  });

  test("leaves columns that were added later to their defaults, and creates missing tables", () => {
    using folder = temporaryFolder();
    const file = join(folder.path, "a.sqlite");
    using database = new DatabaseSync(file);
    database.exec(
      "CREATE TABLE a (one TEXT); INSERT INTO a VALUES ('old'); CREATE TABLE b (x); INSERT INTO b VALUES (7)",
    );
    database.exec("ALTER TABLE a ADD COLUMN two INTEGER NOT NULL DEFAULT 5");
    const { to } = copyOf(
      file,
      "CREATE TABLE a (one TEXT, two INTEGER NOT NULL DEFAULT 5); INSERT INTO a VALUES ('x', 1)",
    );
    expect(to.prepare("SELECT * FROM a").all()).toMatchObject([{ one: "old", two: 5 }]);
    expect(to.prepare("SELECT * FROM b").all()).toMatchObject([{ x: 7 }]);
    to.close();
  });

  test("returns nothing of a transaction that was rolled back or not committed", () => {
    using folder = temporaryFolder();
    const file = join(folder.path, "a.sqlite");
    using database = new DatabaseSync(file);
    database.exec(`PRAGMA journal_mode = WAL; PRAGMA cache_size = 5; ${tables}`);
    write(database, [["kept", 1, 2]]);
    database.exec("BEGIN");
    for (let index = 1; index < 500; index += 1) {
      database.prepare("INSERT INTO plain VALUES (?, 1, 2)").run(`${index}${"x".repeat(3_000)}`);
    }
    expect(copyOf(file).copied.get("plain")).toEqual({ rows: 1, lost: 0 });
    database.exec("ROLLBACK");
    database.exec("INSERT INTO plain VALUES ('also', 1, 2)");
    using found = new DamagedFile(file);
    expect(found.log.isDamaged).toBe(false);
    expect(copyOf(file).copied.get("plain")).toEqual({ rows: 2, lost: 0 });
  });

  test("never returns other rows, and always ends, however the file is damaged", () => {
    using folder = temporaryFolder();
    const whole = join(folder.path, "whole.sqlite");
    const file = join(folder.path, "a.sqlite");
    {
      using database = new DatabaseSync(whole);
      database.exec(`PRAGMA page_size = 512; ${tables}`);
      const rows = Array.from(
        { length: 300 },
        (_, index) => [`${index} ${"y".repeat(index * 7)}`, index, "z"] as const,
      );
      write(database, rows);
    }
    const bytes = readFileSync(whole);
    const damage = fc.record({
      at: fc.nat(bytes.length - 1),
      with: fc.uint8Array({ minLength: 1, maxLength: 600 }),
    });
    fc.assert(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 6 }), (damages) => {
        copyFileSync(whole, file);
        const damaged = Buffer.from(bytes);
        for (const each of damages) damaged.set(each.with.subarray(0, damaged.length - each.at), each.at);
        writeFileSync(file, damaged);
        const { to, copied } = copyOf(file);
        for (const { rows } of copied.values()) expect(rows).toBeLessThanOrEqual(301);
        to.close();
      }),
      { numRuns: 60 },
    );
  });

  test("returns all rows except those of lost pages", () => {
    using folder = temporaryFolder();
    const file = join(folder.path, "a.sqlite");
    const before = (() => {
      using database = new DatabaseSync(file);
      database.exec(tables);
      write(
        database,
        Array.from({ length: 2_000 }, (_, index) => [`${index}`, "y".repeat(200), index] as const),
      );
      return { rows: readAll(database, "plain"), keyed: readAll(database, "keyed") };
    })();
    const bytes = readFileSync(file);
    const pages = bytes.length / 4_096;
    const lost = [0.3, 0.5, 0.51, 0.9].map((part) => Math.floor(pages * part));
    for (const page of lost) bytes.fill(0, page * 4_096, (page + 1) * 4_096);
    writeFileSync(file, bytes);
    const { to, copied } = copyOf(file);
    const after = { rows: readAll(to, "plain"), keyed: readAll(to, "keyed") };
    // A page holds some 20 of these rows.
    expect(after.rows.length + after.keyed.length).toBeGreaterThan(4_000 - lost.length * 25);
    expect([...copied.values()].reduce((sum, each) => sum + each.lost, 0)).toBeGreaterThan(0);
    expect(textsOf(after.rows).difference(textsOf(before.rows))).toEqual(new Set());
    expect(textsOf(after.keyed).difference(textsOf(before.keyed))).toEqual(new Set());
    to.close();
  });
});
