/** Longer than any token, in bytes. A longer part of a text isn't looked up. */
const maxTokenBytes = 128;
/** A power of two: more than half of the places are free, so a search ends after a step or two. */
const places = 2 ** 19;

const space = 0x20;
const padding = 0x3d;
const lineFeed = 0x0a;
/** "IQ== 0" and the end of the line. */
const minLineBytes = 7;
const digits = digitsOfBase64();

/**
 * The tokens of a vocabulary, found by their bytes. All of them lie in one array, with a hash table beside it: 4 MiB for
 * 200,000 tokens, where a Map with a string for each takes 70.
 */
export class TokenRanks {
  readonly #bytes: Uint8Array;
  /** Where a token's bytes begin; its rank is the index. They end where the next ones begin. */
  readonly #starts: Uint32Array;
  /** Ranks + 1 by hash; 0 is a free place. */
  readonly #table = new Uint32Array(places);

  /** @param file tokens in the order of their ranks: a line each, with its bytes as Base64, a space and its rank. */
  constructor(file: Uint8Array) {
    const { bytes, starts } = parse(file);
    this.#bytes = bytes;
    this.#starts = starts;
    for (let rank = 0; rank + 1 < starts.length; rank += 1) this.#add(rank);
  }

  /** Rank of the token with these bytes; -1 if there is none. Time grows with their number. */
  rankOf(bytes: Uint8Array, start: number, end: number): number {
    const length = end - start;
    if (length > maxTokenBytes) return -1;
    for (let place = placeOf(bytes, start, end); ; place = (place + 1) & (places - 1)) {
      const rank = (this.#table[place] ?? 0) - 1;
      if (rank === -1 || this.#has(rank, bytes, start, length)) return rank;
    }
  }

  #has(rank: number, bytes: Uint8Array, start: number, length: number): boolean {
    const own = this.#starts[rank] ?? 0;
    if ((this.#starts[rank + 1] ?? 0) - own !== length) return false;
    for (let at = 0; at < length; at += 1) if (this.#bytes[own + at] !== bytes[start + at]) return false;
    return true;
  }

  #add(rank: number): void {
    let place = placeOf(this.#bytes, this.#starts[rank] ?? 0, this.#starts[rank + 1] ?? 0);
    while (this.#table[place] !== 0) place = (place + 1) & (places - 1);
    this.#table[place] = rank + 1;
  }
}

/** FNV-1a, with its upper bits mixed into the lower ones. */
function placeOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x81_1c_9d_c5;
  for (let at = start; at < end; at += 1) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01_00_01_93);
  return (hash ^ (hash >>> 15)) & (places - 1);
}

function parse(file: Uint8Array): { readonly bytes: Uint8Array; readonly starts: Uint32Array } {
  const bytes = new Uint8Array(file.length);
  // No line is shorter than that.
  const starts = new Uint32Array(file.length / minLineBytes + 1);
  let tokens = 0;
  let length = 0;
  for (let at = 0; at < file.length; at += 1) {
    let bits = 0;
    let held = 0;
    for (let digit = file[at]; digit !== space; at += 1, digit = file[at]) {
      if (digit === undefined) throw new Error("The file of tokens is cut off");
      if (digit === padding) continue;
      held = (held << 6) | (digits[digit] ?? 0);
      bits += 6;
      if (bits < 8) continue;
      bits -= 8;
      bytes[length] = held >>> bits;
      length += 1;
    }
    while (at < file.length && file[at] !== lineFeed) at += 1;
    tokens += 1;
    starts[tokens] = length;
  }
  return { bytes: bytes.slice(0, length), starts: starts.slice(0, tokens + 1) };
}

function digitsOfBase64(): Uint8Array {
  const values = new Uint8Array(256);
  const all = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (let value = 0; value < all.length; value += 1) values[all.charCodeAt(value)] = value;
  return values;
}
