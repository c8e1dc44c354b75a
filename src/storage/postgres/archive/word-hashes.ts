import { LRUCache } from "lru-cache";
import { hash as digest } from "node:crypto";
import { setImmediate } from "node:timers/promises";

import { matchesAsPrefix, wordsOf } from "../../../domain/search-words.ts";

/** Longer words are distinguished by comparing the texts found. */
const maxLetters = 12;
/** Characters of the base64url form: 24 bits. */
const hashChars = 4;
/** A tsvector holds 1 MB of them. */
const maxHashes = 200_000;
const maxCached = 10_000;
/** Between two pauses; about 10 ms. */
const hashesPerSlice = 3_000;

/**
 * What the search index holds instead of words: keyed hashes of each prefix by which a word is found. Two prefixes
 * may share a hash, so hits have to be compared.
 */
export class WordHashes {
  readonly #key: string;
  /** The hashes of words, since most words repeat. */
  readonly #cache = new LRUCache<string, readonly string[]>({ max: maxCached });

  constructor(key: Buffer) {
    this.#key = key.toString("base64");
  }

  /** The hashes of all words of a text. In slices. */
  async of(text: string): Promise<readonly string[]> {
    const hashes = new Set<string>();
    let made = 0;
    for (const word of wordsOf(text)) {
      const ofWord = this.#hashesOf(firstLetters(word));
      for (const hash of ofWord) hashes.add(hash);
      if (hashes.size > maxHashes) break;
      made += ofWord.length;
      if (made < hashesPerSlice) continue;
      made = 0;
      await setImmediate();
    }
    return [...hashes].slice(0, maxHashes);
  }

  /** The hash to look up a word by, also as the beginning of longer words. */
  term(word: string): string {
    return this.#hash(firstLetters(word));
  }

  /** `word`: its first letters. A longer part of a text could keep all of the text in memory. */
  #hashesOf(word: string): readonly string[] {
    const known = this.#cache.get(word);
    if (known !== undefined) return known;
    const hashes = beginningsOf(word).map((each) => this.#hash(each));
    this.#cache.set(word, hashes);
    return hashes;
  }

  #hash(beginning: string): string {
    return digest("sha256", `${this.#key}${beginning}`, "base64url").slice(0, hashChars);
  }
}

/** Whether other words share the term because it is cut. */
export function isCut(word: string): boolean {
  return word.length > maxLetters;
}

function firstLetters(word: string): string {
  if (word.length <= maxLetters) return word;
  return Array.from(word.slice(0, maxLetters * 2))
    .slice(0, maxLetters)
    .join("");
}

function beginningsOf(word: string): readonly string[] {
  const letters = Array.from(word);
  const beginnings = letters.map((_, index) => letters.slice(0, index + 1).join(""));
  return beginnings.filter((each) => each === word || matchesAsPrefix(each));
}
