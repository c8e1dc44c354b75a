/** Bits that classify a UTF-16 code unit, for splitting text into words and sentences. */
export const wordLetter = 1;
export const lowerCase = 2;
export const upperCase = 4;
export const digit = 8;
/** Part of a word if letters stand on both sides. */
export const joiner = 16;
export const space = 32;
/** After it, a capital letter does not indicate a name. */
export const sentenceOpener = 64;
const known = 128;

const kinds: readonly (readonly [number, RegExp])[] = [
  [wordLetter, /^[\p{L}\p{N}]$/u],
  [lowerCase, /^\p{Ll}$/u],
  [upperCase, /^\p{Lu}$/u],
  [digit, /^\d$/u],
  [joiner, /^[._@/+-]$/u],
  [space, /^\s$/u],
  [sentenceOpener, /^[.!?:\n*_"“„(-]$/u],
];

const table = new Uint8Array(0x1_00_00);
const lowered = new Uint16Array(0x1_00_00);

/** Bits of one code unit. Computed once per process. */
export function bitsOf(unit: number): number {
  const bits = table[unit] ?? 0;
  return bits === 0 ? look(unit) : bits;
}

/** Lower case of a code unit. Unchanged if that takes more than one unit. */
export function lowerOf(unit: number): number {
  if (table[unit] === 0) look(unit);
  return lowered[unit] ?? unit;
}

/** Bits of a character given as a string, such as a surrogate pair. Not cached. */
export function bitsOfPair(character: string): number {
  return kinds.reduce((bits, [bit, kind]) => (kind.test(character) ? bits | bit : bits), known);
}

function look(unit: number): number {
  const letter = String.fromCharCode(unit);
  const bits = bitsOfPair(letter);
  const lower = letter.toLowerCase();
  table[unit] = bits;
  lowered[unit] = lower.length === 1 ? lower.charCodeAt(0) : unit;
  return bits;
}
