import { hash } from "node:crypto";

/**
 * The keys of a block form a binary tree: each seed derives the two below it, and the leaves are the keys. Erasing a
 * key replaces the seeds above it by their siblings on the path. So this key can't be derived any more, and all
 * others can.
 */
export const keysPerBlock = 256;

const rootHeight = Math.log2(keysPerBlock);
const seedBytes = 32;
const entryBytes = 2 + seedBytes;

/** Derives the 2 ** `height` keys from `first` on. */
export interface Seed {
  readonly first: number;
  readonly height: number;
  readonly bytes: Buffer;
}

/** The seeds left of a block. No key is derived by two of them. */
export type Cover = readonly Seed[];

export function coverOf(root: Buffer): Cover {
  return [{ first: 0, height: rootHeight, bytes: root }];
}

/** Undefined for an erased key. */
export function keyAt(cover: Cover, position: number): Buffer | undefined {
  let seed = cover.find((each) => holds(each, position));
  while (seed !== undefined && seed.height > 0) seed = halvesOf(seed).find((each) => holds(each, position));
  return seed?.bytes;
}

/** The cover without the keys at these positions. Its cost grows with their number. */
export function removeKeys(cover: Cover, positions: readonly number[]): Cover {
  return cover.flatMap((seed) => {
    const within = positions.filter((each) => holds(seed, each));
    if (within.length === 0) return [seed];
    return seed.height === 0 ? [] : removeKeys(halvesOf(seed), within);
  });
}

/** @throws {RangeError} if the bytes are not a cover. */
export function readCover(bytes: Buffer): Cover {
  if (bytes.length % entryBytes !== 0) throw new RangeError("Not a cover");
  return Array.from({ length: bytes.length / entryBytes }, (_, index) => {
    const at = index * entryBytes;
    return {
      first: bytes.readUInt8(at),
      height: bytes.readUInt8(at + 1),
      bytes: bytes.subarray(at + 2, at + entryBytes),
    };
  });
}

export function writeCover(cover: Cover): Buffer {
  return Buffer.concat(cover.flatMap(({ first, height, bytes }) => [Buffer.of(first, height), bytes]));
}

function holds({ first, height }: Seed, position: number): boolean {
  return position >= first && position < first + 2 ** height;
}

function halvesOf(seed: Seed): Cover {
  return [halfOf(seed, 0), halfOf(seed, 1)];
}

function halfOf({ first, height, bytes }: Seed, half: 0 | 1): Seed {
  return {
    first: first + half * 2 ** (height - 1),
    height: height - 1,
    bytes: hash("sha256", Buffer.concat([bytes, Buffer.of(half)]), "buffer"),
  };
}
