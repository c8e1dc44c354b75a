import { CodeSpans } from "./code-spans.ts";

/** What a piece of the stream added to the visible text. */
export interface Growth {
  /** "" while the model is thinking. */
  readonly text: string;
  /** All earlier text was thoughts and has to be removed. */
  readonly isWithdrawn: boolean;
}

/** The visible part of an answer. */
export class VisiblePart {
  readonly code = new CodeSpans();
  /** The answer showed an opening tag, so its end tag is content too. */
  hasTag = false;
  #hasText = false;
  #new = "";
  #isWithdrawn = false;

  /** There is more than white space. */
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

  /** The growth since the last call. */
  growth(): Growth {
    const growth = { text: this.#new, isWithdrawn: this.#isWithdrawn };
    this.#new = "";
    this.#isWithdrawn = false;
    return growth;
  }
}
