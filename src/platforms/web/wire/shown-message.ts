import type { Verdict } from "../../../domain/feedback.ts";
import type { ShownFile } from "./files.ts";

/**
 * Which buttons stand under a reply. All name `on`. An answer has `regenerate`, `thumbs-up` and `thumbs-down`; a notice has
 * only `regenerate`.
 */
export interface ReplyButtons {
  /** The turn that made the reply. Missing: it has no buttons. */
  readonly on?: string;
  /** The answer was cut before its end, so it has `continue` too. */
  readonly cut?: true;
}

/** A message as a page shows it. */
export interface ShownMessage extends ReplyButtons {
  readonly id: string;
  readonly role: "user" | "assistant" | "notice";
  readonly text: string;
  readonly atMs: number;
  /** Missing: not remembered yet; it belongs to the current chapter. */
  readonly chapter?: number;
  /** The order in memory. Missing: not remembered yet. */
  readonly ordinal?: number;
  /** The reply is being given again, or continued. */
  readonly again?: true;
  /** What the person thinks of the answer. Missing: they gave no verdict, or it can't be read now. */
  readonly verdict?: Verdict;
  /** Missing: it has none. */
  readonly files?: readonly ShownFile[];
}
