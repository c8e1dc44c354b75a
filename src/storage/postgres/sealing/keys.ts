import { keyAt, keysAt, keysPerBlock, readCover } from "./key-tree.ts";
import { schema } from "../database/migrate.ts";
import type { Row, Query } from "../database/query.ts";

/** Each kind has its own range of numbers. */
export type KeyKind = "message" | "head" | "file" | "feedback";

export interface SealingKey {
  readonly number: number;
  readonly bytes: Buffer;
}

/** The seeds of a row's key, as a column. */
export const coverColumn = `(SELECT seed.cover FROM ${schema}.seed
    WHERE seed.part = ((key >> 18) & 7)::smallint AND seed.block = key >> 8) AS cover`;

/** A row for each block, because its keys have one cover. */
const draw = `SELECT string_agg(key::text, ' ' ORDER BY key) AS keys, cover FROM ${schema}.draw_keys($1, $2)
  GROUP BY key >> 8, cover ORDER BY key >> 8`;

/** Keys that never sealed anything, for the caller's transaction only. Afterwards they count as used. */
export async function drawKeys(query: Query, kind: KeyKind, count: number): Promise<readonly SealingKey[]> {
  if (count === 0) return [];
  return (await query(draw, [kind, count])).flatMap(keysInBlock);
}

function keysInBlock({ keys, cover }: Row): readonly SealingKey[] {
  if (!Buffer.isBuffer(cover)) throw new TypeError("A cover is bytes");
  const numbers = String(keys).split(" ").map(Number);
  const found = keysAt(
    readCover(cover),
    numbers.map((number) => number % keysPerBlock),
  );
  return numbers.map((number) => {
    const bytes = found.get(number % keysPerBlock);
    if (bytes === undefined) throw new RangeError("A new key was erased");
    return { number, bytes };
  });
}

/** The key of a row. Undefined if it is erased or the row is not sealed. */
export function keyOf({ key, cover }: Row): SealingKey | undefined {
  if (key === null || !Buffer.isBuffer(cover)) return undefined;
  const number = Number(key);
  const bytes = keyAt(readCover(cover), number % keysPerBlock);
  return bytes === undefined ? undefined : { number, bytes };
}
