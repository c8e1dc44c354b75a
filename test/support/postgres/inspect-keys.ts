import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { Client } from "pg";

import { keyAt, keysPerBlock, readCover, type Seed } from "../../../src/storage/postgres/sealing/key-tree.ts";

/** Rows of the tables, as anyone with access sees them. */
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

/** All stored seeds by block. */
export async function seedsIn(url: string): Promise<ReadonlyMap<number, readonly Seed[]>> {
  const rows = await rowsOf(url, "SELECT block, cover FROM threadkeeper.seed");
  return new Map(
    rows.map(({ block, cover }) => {
      if (!Buffer.isBuffer(cover)) throw new TypeError("A cover is bytes");
      return [Number(block), readCover(cover)];
    }),
  );
}

/** The keys of a kind that can still be derived, and those that seal something. */
export async function keysOf(url: string, kind: "message" | "head" | "feedback") {
  const [last] = await rowsOf(url, `SELECT last_value, is_called FROM threadkeeper.${kind}_key`);
  const rows = await rowsOf(url, `SELECT key FROM threadkeeper.${kind} WHERE key IS NOT NULL ORDER BY key`);
  const seeds = await seedsIn(url);
  const first = { message: 0, head: 2 ** 40, feedback: 3 * 2 ** 40 }[kind];
  const drawn = last?.["is_called"] === true ? Number(last["last_value"]) - first + 1 : 0;
  const numbers = Array.from({ length: drawn }, (_, index) => first + index);
  const canBeMade = numbers.filter((number) => {
    const cover = seeds.get(Math.floor(number / keysPerBlock)) ?? [];
    return keyAt(cover, number % keysPerBlock) !== undefined;
  });
  return { canBeMade, inUse: rows.map(({ key }) => Number(key)), drawn };
}

/** Every file below a folder with its bytes, except those that disappear meanwhile. */
export function* bytesIn(folder: string): Generator<{ readonly path: string; readonly bytes: Buffer }> {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    try {
      yield { path, bytes: readFileSync(path) };
    } catch {
      // It has disappeared.
    }
  }
}

/** The marks like "zq12345" in any file. */
export function marksIn(folder: string): ReadonlySet<string> {
  const marks = new Set<string>();
  for (const { bytes } of bytesIn(folder))
    for (const [mark] of bytes.toString("latin1").matchAll(/zq\d{5}/gu)) marks.add(mark);
  return marks;
}
