import { CodeSpans } from "./code-spans.ts";

/** What a piece of the stream added. */
export interface Growth {
  /** For people to read; "" while the model thinks. */
  readonly text: string;
  /** All text before this one was thoughts: it is to be taken back. */
  readonly isWithdrawn: boolean;
}

/** The part of an answer that people read. */
export class VisiblePart {
  readonly code = new CodeSpans();
  /** The answer itself shows a tag that opens thoughts: its end tag is content too. */
  hasTag = false;
  #hasText = false;
  #new = "";
  #isWithdrawn = false;

  /** It is more than white space. */
  get hasText(): boolean {
    return this.#hasText;
  }

  add(text: string): void {
    this.#new += text;
    this.#hasText ||= text.trim() !== "";
    this.code.pass(text);
  }

  withdraw(): void {
    this.#isWithdrawn ||= this.#hasText;
    this.#hasText = false;
    this.#new = "";
  }

  /** Since it was last asked. */
  growth(): Growth {
    const growth = { text: this.#new, isWithdrawn: this.#isWithdrawn };
    this.#new = "";
    this.#isWithdrawn = false;
    return growth;
  }
}
