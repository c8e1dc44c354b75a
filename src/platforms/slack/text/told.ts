/** Names of people, groups and channels: one form of a text may know them, and another not. */
const named = /[@#](?=\p{L})[^\s<>]*/gu;
/** A number with its sign. */
const word = /(?:(?<![\p{L}\p{N}])[-+](?=\p{N}))?[\p{L}\p{N}]+/gu;

/** Knows what a message has said already: Slack sends the same words in several forms. Linear in the length of the texts. */
export class Told {
  readonly #pairs = new Set<string>();
  readonly #words = new Set<string>();
  /** Of emoji, or of signs. */
  readonly #wordless = new Set<string>();
  #last = "";

  /** Whether each of its words, beside the same ones, has been told. */
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
    for (const each of words) {
      this.#words.add(each);
      this.#pairs.add(`${this.#last} ${each}`);
      this.#last = each;
    }
  }
}

function wordsOf(text: string): readonly string[] {
  return text.replaceAll(named, " ").toLowerCase().match(word) ?? [];
}
