import { hash } from "node:crypto";

/**
 * The keys of a block, made from one seed: a binary tree in which each seed gives the two below it, and the lowest are the
 * keys. To erase a key, the seeds above it are replaced by those beside them. So it can't be made again, and all others can.
 */
export const keysPerBlock = 256;

const rootHeight = Math.log2(keysPerBlock);
const seedBytes = 32;
const entryBytes = 2 + seedBytes;

/** Gives the keys from `first` on, 2 to the power of `height` of them. */
export interface Seed {
  readonly first: number;
  readonly height: number;
  readonly bytes: Buffer;
}

/** All that can still be made of a block. No key is given by two seeds. */
export type Cover = readonly Seed[];

export function coverOf(root: Buffer): Cover {
  return [{ first: 0, height: rootHeight, bytes: root }];
}

/** Undefined for a key that was erased. */
export function keyAt(cover: Cover, position: number): Buffer | undefined {
  let seed = cover.find((each) => holds(each, position));
  while (seed !== undefined && seed.height > 0) seed = halvesOf(seed).find((each) => holds(each, position));
  return seed?.bytes;
}

/** Without the keys at these positions. Takes time by what goes. */
export function removeKeys(cover: Cover, positions: readonly number[]): Cover {
  return cover.flatMap((seed) => {
    const within = positions.filter((each) => holds(seed, each));
    if (within.length === 0) return [seed];
    return seed.height === 0 ? [] : removeKeys(halvesOf(seed), within);
  });
}

/** @throws {RangeError} where the bytes are no cover. */
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
