import { keyAt, keysPerBlock, readCover } from "./key-tree.ts";
import { schema } from "../database/migrate.ts";
import type { Row, Query } from "../database/query.ts";

/** Each kind has numbers of its own. */
export type KeyKind = "message" | "head";

export interface SealingKey {
  readonly number: number;
  readonly bytes: Buffer;
}

/** The seeds of a row's key, as one of its columns. */
export const coverColumn = `(SELECT seed.cover FROM ${schema}.seed
    WHERE seed.part = ((key >> 18) & 7)::smallint AND seed.block = key >> 8) AS cover`;

const draw = `SELECT key, cover FROM ${schema}.draw_keys($1, $2) ORDER BY key`;

/** Keys that nothing was ever sealed by. For the transaction of its caller's only: afterwards they count as used. */
export async function drawKeys(query: Query, kind: KeyKind, count: number): Promise<readonly SealingKey[]> {
  if (count === 0) return [];
  return (await query(draw, [kind, count])).map((row) => {
    const key = keyOf(row);
    if (key === undefined) throw new RangeError("A new key was erased");
    return key;
  });
}

/** By which a row is sealed. Undefined: it was erased, or the row is in the clear. */
export function keyOf({ key, cover }: Row): SealingKey | undefined {
  if (key === null || !Buffer.isBuffer(cover)) return undefined;
  const number = Number(key);
  const bytes = keyAt(readCover(cover), number % keysPerBlock);
  return bytes === undefined ? undefined : { number, bytes };
}
