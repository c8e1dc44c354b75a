import type { WhyUnreadable } from "../../ports/file-reader.ts";

/** Ends the reading of a file inside a reading process. */
export class Unreadable extends Error {
  override readonly name = "Unreadable";
  readonly why: WhyUnreadable;

  constructor(why: WhyUnreadable) {
    super(why);
    this.why = why;
  }
}
