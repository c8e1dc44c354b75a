/** Names of people, groups and channels are ignored: one form of a text may have them, another not. */
const names = /[@#](?=\p{L})[^\s<>]*/gu;
/** Words, and numbers with their sign. */
const word = /(?:(?<![\p{L}\p{N}])[-+](?=\p{N}))?[\p{L}\p{N}]+/gu;

/** Detects repeated text: Slack sends the same words in several forms. Linear in the length of the texts. */
export class SeenText {
  readonly #pairs = new Set<string>();
  readonly #words = new Set<string>();
  /** Texts of emoji or punctuation only. */
  readonly #wordless = new Set<string>();
  #last = "";
  #count = 0;

  /** The number of words that were added, with repetitions. */
  get words(): number {
    return this.#count;
  }

  /** Whether all pairs of neighbouring words have been added before. */
  has(text: string): boolean {
    return this.#has(wordsOf(text), text);
  }

  add(text: string): void {
    this.#add(wordsOf(text), text);
  }

  #has(words: readonly string[], text: string): boolean {
    const [first] = words;
    if (first === undefined) return this.#wordless.has(text.trim());
    if (words.length === 1) return this.#words.has(first);
    return words.every((each, index) => index === 0 || this.#pairs.has(`${words[index - 1]} ${each}`));
  }

  #add(words: readonly string[], text: string): void {
    if (words.length === 0) this.#wordless.add(text.trim());
    this.#count += words.length;
    for (const each of words) {
      this.#words.add(each);
      this.#pairs.add(`${this.#last} ${each}`);
      this.#last = each;
    }
  }
}

function wordsOf(text: string): readonly string[] {
  return text.replaceAll(names, " ").toLowerCase().match(word) ?? [];
}
