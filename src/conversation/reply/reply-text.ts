import { joinContinuation } from "../text/continue-answer.ts";

/** The text of a reply while it is written: the new words, and what stands above them. */
export class ReplyText {
  /** So far, without what the reply begins with. */
  words = "";
  /** Shown above the new words until the reply is complete. */
  heading = "";
  /** Of the reply that is written over. Undefined: none is. */
  #beginning: string | undefined;

  /** The reply goes on from the beginning of one that stands. */
  writeOver(beginning: string): void {
    this.#beginning = beginning;
  }

  /** As people see it when these are its new words. */
  whole(words: string): string {
    const below = this.heading + words;
    return this.#beginning === undefined ? below : joinContinuation(this.#beginning, below);
  }

  /** The old reply is not overwritten before there are words. */
  get isUntouched(): boolean {
    return this.#beginning !== undefined && this.words === "";
  }
}
