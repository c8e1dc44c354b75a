import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { O200K_TOKEN_SPLIT_REGEX as splitter } from "gpt-tokenizer/encodingParams/constants";

import { TokenRanks } from "./token-ranks.ts";

const vocabulary = "gpt-tokenizer/data/o200k_base.tiktoken";
const noToken = 0x7f_ff_ff_ff;

const encoder = new TextEncoder();

let ranks: TokenRanks | undefined;
// Used again by each call; they grow to the longest piece.
let bytes = new Uint8Array(1_024);
let ends = new Int32Array(1_024);
let pairs = new Int32Array(1_024);

/**
 * Tokens of a slice of a text in OpenAI's encoding o200k_base. The texts of its protocol (<|endoftext|>) are text. Time grows
 * with the square of the longest piece, which is a word or a run of signs: give it no long text.
 */
export function encodedLength(slice: string): number {
  const known = loadedRanks();
  let tokens = 0;
  let start = 0;
  // Its pieces follow each other without a gap.
  while (start < slice.length && splitter.test(slice)) {
    const end = splitter.lastIndex;
    const length = encode(slice, start, end);
    tokens += known.rankOf(bytes, 0, length) === -1 ? mergedLength(known, length) : 1;
    start = end;
  }
  // The package's own encoder goes on from there.
  splitter.lastIndex = 0;
  return tokens;
}

/** Does the vocabulary have a token for this character alone? */
export function isOneToken(unit: number): boolean {
  if (unit >= 0xd8_00 && unit <= 0xdf_ff) return false;
  return loadedRanks().rankOf(bytes, 0, encode(String.fromCharCode(unit), 0, 1)) !== -1;
}

/** Read with the first text: a program that counts nothing needs no memory for it. */
function loadedRanks(): TokenRanks {
  ranks ??= new TokenRanks(readFileSync(createRequire(import.meta.url).resolve(vocabulary)));
  return ranks;
}

/** Writes a part of the text as UTF-8 to `bytes`. @returns their number. */
function encode(text: string, start: number, end: number): number {
  reserve((end - start) * 3);
  let length = 0;
  for (let at = start; at < end; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit > 0x7f) return encoder.encodeInto(text.slice(start, end), bytes).written;
    bytes[length] = unit;
    length += 1;
  }
  return length;
}

function reserve(length: number): void {
  if (length <= bytes.length) return;
  bytes = new Uint8Array(length);
  ends = new Int32Array(length);
  pairs = new Int32Array(length);
}

/** Byte pair encoding: the pair with the lowest rank is merged first, the leftmost of equal ones. @returns parts that are left. */
function mergedLength(known: TokenRanks, length: number): number {
  // Part i begins where part i - 1 ends. pairs[i]: the rank of part i with the next one.
  let parts = length;
  for (let part = 0; part < parts; part += 1) ends[part] = part + 1;
  for (let part = 0; part < parts; part += 1) pairs[part] = pairRank(known, part, parts);
  for (;;) {
    const part = lowest(parts);
    if (part === -1) return parts;
    ends.copyWithin(part, part + 1, parts);
    pairs.copyWithin(part, part + 1, parts);
    parts -= 1;
    pairs[part] = pairRank(known, part, parts);
    if (part > 0) pairs[part - 1] = pairRank(known, part - 1, parts);
  }
}

function pairRank(known: TokenRanks, part: number, parts: number): number {
  if (part + 1 >= parts) return noToken;
  const start = part === 0 ? 0 : (ends[part - 1] ?? 0);
  const rank = known.rankOf(bytes, start, ends[part + 1] ?? 0);
  return rank === -1 ? noToken : rank;
}

/** The part whose pair has the lowest rank; -1 if none can be merged. */
function lowest(parts: number): number {
  let found = -1;
  let rank = noToken;
  for (let part = 0; part < parts; part += 1) {
    const each = pairs[part] ?? noToken;
    if (each >= rank) continue;
    rank = each;
    found = part;
  }
  return found;
}
