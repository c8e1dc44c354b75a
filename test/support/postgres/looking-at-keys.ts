import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { Client } from "pg";

import { keyAt, keysPerBlock, readCover, type Seed } from "../../../src/storage/postgres/sealing/key-tree.ts";

/** What stands in the tables, as a person with access to them sees it. */
export async function rowsOf(url: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** All seeds that are kept, by their block. */
export async function seedsIn(url: string): Promise<ReadonlyMap<number, readonly Seed[]>> {
  const rows = await rowsOf(url, "SELECT block, cover FROM threadkeeper.seed");
  return new Map(
    rows.map(({ block, cover }) => {
      if (!Buffer.isBuffer(cover)) throw new TypeError("A cover is bytes");
      return [Number(block), readCover(cover)];
    }),
  );
}

/** Of the keys of a kind that were ever given, those that can still be made, and those that something is sealed by. */
export async function keysOf(url: string, kind: "message" | "head") {
  const [last] = await rowsOf(url, `SELECT last_value, is_called FROM threadkeeper.${kind}_key`);
  const rows = await rowsOf(url, `SELECT key FROM threadkeeper.${kind} ORDER BY key`);
  const seeds = await seedsIn(url);
  const first = kind === "head" ? 2 ** 40 : 0;
  const drawn = last?.["is_called"] === true ? Number(last["last_value"]) - first + 1 : 0;
  const numbers = Array.from({ length: drawn }, (_, index) => first + index);
  const canBeMade = numbers.filter((number) => {
    const cover = seeds.get(Math.floor(number / keysPerBlock)) ?? [];
    return keyAt(cover, number % keysPerBlock) !== undefined;
  });
  return { canBeMade, inUse: rows.map(({ key }) => Number(key)), drawn };
}

/** Every file below a folder with its bytes, but for those that go while they are read. */
export function* bytesIn(folder: string): Generator<{ readonly path: string; readonly bytes: Buffer }> {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    try {
      yield { path, bytes: readFileSync(path) };
    } catch {
      // It has gone.
    }
  }
}

/** The marks like "zq12345" that stand in a file somewhere. */
export function marksIn(folder: string): ReadonlySet<string> {
  const marks = new Set<string>();
  for (const { bytes } of bytesIn(folder))
    for (const [mark] of bytes.toString("latin1").matchAll(/zq\d{5}/gu)) marks.add(mark);
  return marks;
}
