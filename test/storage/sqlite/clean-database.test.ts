import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { CleanDatabase } from "../../../src/storage/sqlite/cleaning/clean-database.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import { dirtyPagesIn, fileIn, prepare, textsIn } from "../../support/sqlite/clean-files.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const signal = AbortSignal.timeout(600_000);

function open(folder: string): CleanDatabase {
  return new CleanDatabase({ file: fileIn(folder), prepare, log: new RecordingLog() });
}

/** The folder as a killed process leaves it. */
function copyFolder(from: string, to: string): void {
  for (const end of ["", "-wal"]) {
    const file = `${fileIn(from)}${end}`;
    if (existsSync(file)) copyFileSync(file, `${fileIn(to)}${end}`);
  }
}

function textOf(text: number, length: number): string {
  return `{${text}}`.repeat(Math.ceil(length / 4)).slice(0, Math.max(length, `{${text}}`.length));
}

/** The expected content of a database, and the next text. */
class Model {
  readonly live = new Map<string, number>();
  #last = 10_000;
  /** Texts deleted before a scrub, which must never come back. */
  #buried: ReadonlySet<number> = new Set();

  write({ database }: CleanDatabase, writes: readonly Write[]): void {
    database.exec("BEGIN");
    for (const { table, key, length } of writes) {
      const place = `${table} ${key}`;
      this.live.delete(place);
      if (length === undefined) database.prepare(`DELETE FROM ${table} WHERE key = ?`).run(String(key));
      else {
        this.live.set(place, (this.#last += 1));
        const sql = `INSERT OR REPLACE INTO ${table} (key, text) VALUES (?, ?)`;
        database.prepare(sql).run(String(key), textOf(this.#last, length));
      }
    }
    database.exec("COMMIT");
  }

  /** Only while no other connection is open. */
  async scrub(clean: CleanDatabase): Promise<void> {
    await clean.scrub(signal);
    const live = new Set(this.live.values());
    const all = Array.from({ length: this.#last - 10_000 }, (_, index) => 10_001 + index);
    this.#buried = new Set(all.filter((text) => !live.has(text)));
  }

  /** Texts that came back or were never removed. */
  risenIn(folder: string): readonly number[] {
    return [...textsIn(folder).intersection(this.#buried)];
  }
}

function expectAllIn({ database }: CleanDatabase, live: ReadonlyMap<string, number>): void {
  expect(database.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
  for (const [place, text] of live) {
    const [table = "", key = ""] = place.split(" ");
    const row = database.prepare(`SELECT text FROM ${table} WHERE key = ?`).get(key);
    expect(String(row?.["text"]).startsWith(`{${text}}`)).toBe(true);
  }
}

interface Write {
  readonly table: "keyed" | "numbered";
  readonly key: number;
  /** Undefined deletes the text. */
  readonly length?: number | undefined;
}

const length = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 6, max: 300 }) },
  { weight: 2, arbitrary: fc.integer({ min: 300, max: 3_900 }) },
  { weight: 1, arbitrary: fc.integer({ min: 3_900, max: 40_000 }) },
);
const write = fc.record({
  table: fc.constantFrom("keyed" as const, "numbered" as const),
  key: fc.nat(250),
  length: fc.option(length, { freq: 2, nil: undefined }),
});
const step = fc.oneof(
  { weight: 12, arbitrary: fc.array(write, { minLength: 1, maxLength: 60, size: "max" }) },
  { weight: 3, arbitrary: fc.constantFrom("scrub", "reopen", "kill", "foreign", "reader") },
);

/** Runs one history, with a folder per crash. Returns the texts that should have gone. */
async function leftAfter(steps: readonly (readonly Write[] | string)[]) {
  using folders = new DisposableStack();
  let folder = folders.use(temporaryFolder()).path;
  let clean = open(folder);
  const model = new Model();
  const left = { texts: [] as number[], dirtyPages: [] as number[] };
  const scrub = async (): Promise<void> => {
    await model.scrub(clean);
    left.dirtyPages.push(...dirtyPagesIn(folder));
  };
  const moveOn = (): void => {
    const next = folders.use(temporaryFolder()).path;
    copyFolder(folder, next);
    clean[Symbol.dispose]();
    folder = next;
  };
  for (const each of steps) {
    if (typeof each !== "string") model.write(clean, each);
    else if (each === "scrub") await scrub();
    else if (each === "reader") {
      using reader = new DatabaseSync(fileIn(folder), { readOnly: true });
      reader.exec("BEGIN; SELECT COUNT(*) FROM keyed");
      await clean.scrub(signal);
    } else {
      if (each === "reopen") clean[Symbol.dispose]();
      else moveOn();
      if (each === "foreign") {
        using other = new DatabaseSync(fileIn(folder));
        other.prepare("SELECT COUNT(*) FROM keyed").get();
      }
      clean = open(folder);
    }
    left.texts.push(...model.risenIn(folder));
  }
  expectAllIn(clean, model.live);
  await scrub();
  expectAllIn(clean, model.live);
  clean[Symbol.dispose]();
  left.texts.push(...model.risenIn(folder));
  return left;
}

const nothing = { texts: [], dirtyPages: [] };
const tables = ["keyed", "numbered"] as const;
const many = tables.flatMap((table) =>
  Array.from({ length: 400 }, (_, key): Write => ({ table, key: (key * 7) % 400, length: 50 + (key % 90) })),
);
const noneOfThem = many.map(({ table, key }): Write => ({ table, key }));
const few = noneOfThem.filter(({ key }) => key % 29 === 0);

describe("a clean database", () => {
  test("keeps no byte of deleted or replaced data, whatever was written and however it was interrupted", async () => {
    const history = fc.array(step, { maxLength: 25, size: "max" });
    const isClean = fc.asyncProperty(history, async (steps) => {
      expect(await leftAfter(steps)).toEqual(nothing);
    });
    await fc.assert(isClean, { numRuns: 15, endOnFailure: true });
  });

  test.each([
    ["another program puts the log of a killed process into the file", [many, "foreign", few]],
    ["the process is killed", [many, "kill", few]],
    ["another connection reads for a while", [many, "reader", few, "reader"]],
    ["pages in memory are written again later", [many, "scrub", few, "scrub", many, "scrub", noneOfThem]],
  ])("keeps no byte when %s", async (_name, steps) => {
    expect(await leftAfter(steps)).toEqual(nothing);
  });

  test.each(["this thread", "another thread"])(
    "keeps no byte and loses nothing even if its process is killed again and again while %s copies its log",
    async (thread) => {
      using folder = temporaryFolder();
      const gone = new Set<number>();
      const kept = new Set<number>();
      for (let round = 1; round <= 5; round += 1) {
        const first = round * 10_000;
        const deleted = await killAfter(folder.path, { first, lines: 150 + round * 37, thread });
        for (const text of deleted) gone.add(text);
        for (let text = first; text < Math.max(...deleted); text += 1) if (text % 3 === 0) kept.add(text);
        using clean = open(folder.path);
        await clean.scrub(signal);
        expect(clean.database.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
        const found = textsIn(folder.path);
        expect(kept.difference(found)).toEqual(new Set());
        expect(gone.intersection(found)).toEqual(new Set());
        expect(dirtyPagesIn(folder.path)).toEqual([]);
      }
      expect(kept.size).toBeGreaterThan(100);
    },
  );

  test("writes little for one deletion in a big file", async () => {
    using folder = temporaryFolder();
    using clean = open(folder.path);
    const model = new Model();
    const rows = Array.from({ length: 4_000 }, (_, key): Write => ({ table: "keyed", key, length: 5_000 }));
    model.write(clean, rows);
    await model.scrub(clean);
    const before = writtenBytes();
    model.write(clean, [{ table: "keyed", key: 2_000 }]);
    await clean.scrub(signal);
    expect(writtenBytes() - before).toBeLessThan(500_000);
    expect(textsIn(folder.path).size).toBe(3_999);
  });
});

/** Runs erasing-process until it has deleted this many texts, and kills it. Returns which were deleted. */
async function killAfter(
  folder: string,
  { first, lines, thread }: { readonly first: number; readonly lines: number; readonly thread: string },
): Promise<readonly number[]> {
  const script = fileURLToPath(new URL("../../support/sqlite/erasing-process.ts", import.meta.url));
  const child = spawn(process.execPath, [script, folder, String(first), thread], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exit = once(child, "exit");
  let said = "";
  for await (const bytes of child.stdout) {
    said += String(bytes);
    if (said.split("\n").length > lines) child.kill("SIGKILL");
  }
  expect(await exit).toEqual([null, "SIGKILL"]);
  return said.split("\n").slice(0, -1).map(Number);
}

/** The bytes that this process has written to files. */
function writtenBytes(): number {
  return Number(/wchar: (\d+)/u.exec(readFileSync("/proc/self/io", "utf8"))?.[1]);
}
