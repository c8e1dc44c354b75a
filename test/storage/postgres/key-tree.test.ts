import { randomBytes } from "node:crypto";

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import {
  coverOf,
  keyAt,
  keysAt,
  keysPerBlock,
  removeKeys,
  readCover,
  writeCover,
} from "../../../src/storage/postgres/sealing/key-tree.ts";

const positions = Array.from({ length: keysPerBlock }, (_, index) => index);
const root = randomBytes(32);
const keys = positions.map((each) => keyAt(coverOf(root), each)?.toString("hex"));
const some = fc.uniqueArray(fc.nat({ max: keysPerBlock - 1 }), { maxLength: keysPerBlock });

describe("a block of keys", () => {
  test("has a different key at each position", () => {
    expect(new Set(keys).size).toBe(keysPerBlock);
    expect(keys.every((each) => each?.length === 64)).toBe(true);
    expect(keyAt(coverOf(root), keysPerBlock)).toBeUndefined();
  });

  test("derives exactly the keys that are not erased, in whatever steps they were", () => {
    fc.assert(
      fc.property(fc.array(some, { maxLength: 4 }), (steps) => {
        const cover = steps.reduce(
          (left, gone) => readCover(writeCover(removeKeys(left, gone))),
          coverOf(root),
        );
        const gone = new Set(steps.flat());
        const left = positions.map((each) => keyAt(cover, each)?.toString("hex"));
        expect(left).toEqual(keys.map((key, position) => (gone.has(position) ? undefined : key)));
        const together = keysAt(cover, positions);
        expect(positions.map((each) => together.get(each)?.toString("hex"))).toEqual(left);
      }),
      { numRuns: 25 },
    );
  });

  test("keeps no seed above an erased key, and few beside it", () => {
    const cover = removeKeys(coverOf(root), [77]);
    expect(cover).toHaveLength(8);
    expect(cover.some(({ bytes }) => bytes.equals(root))).toBe(false);
    expect(cover.some(({ bytes }) => bytes.toString("hex") === keys[77])).toBe(false);
    expect(removeKeys(cover, positions)).toEqual([]);
    expect(() => readCover(Buffer.alloc(35))).toThrow(RangeError);
  });
});
