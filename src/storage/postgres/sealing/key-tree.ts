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
  return keysAt(cover, [position]).get(position);
}

/** The keys at these positions, without erased ones. Neighbours share most of the way down to them. */
export function keysAt(cover: Cover, positions: readonly number[]): ReadonlyMap<number, Buffer> {
  return new Map(
    cover.flatMap((seed) =>
      keysBelow(
        seed,
        positions.filter((each) => holds(seed, each)),
      ),
    ),
  );
}

/** `positions`: below this seed. */
function keysBelow(seed: Seed, positions: readonly number[]): readonly (readonly [number, Buffer])[] {
  if (positions.length === 0) return [];
  if (seed.height === 0) return [[seed.first, seed.bytes]];
  const middle = seed.first + 2 ** (seed.height - 1);
  const halves = [positions.filter((each) => each < middle), positions.filter((each) => each >= middle)];
  return halves.flatMap((those, half) => (those.length === 0 ? [] : keysBelow(halfOf(seed, half), those)));
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

function halfOf({ first, height, bytes }: Seed, half: number): Seed {
  return {
    first: first + half * 2 ** (height - 1),
    height: height - 1,
    bytes: hash("sha256", Buffer.concat([bytes, Buffer.of(half)]), "buffer"),
  };
}
