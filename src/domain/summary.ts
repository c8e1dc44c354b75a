import type { MessageId } from "./message.ts";

/** One line of a rolling summary. */
export interface SummaryLine {
  readonly text: string;
  /** The messages that it rests on; never empty. */
  readonly cites: readonly Citation[];
  readonly tokens: number;
  /** A person wants it kept: it leaves last, and folds repeat it word for word. */
  readonly isPinned?: true;
}

/** A message as a line cites it. */
export interface Citation {
  readonly message: MessageId;
  readonly ordinal: number;
  readonly saidAtMs: number;
  /** Who said it, as prompts name them. Missing in what older versions made. */
  readonly speaker?: string;
  readonly permalink?: string;
}

/** What stands for the messages that have left the window. */
export interface Summary {
  /** Oldest first. Empty when it has to be made anew and nothing of it may be used. */
  readonly lines: readonly SummaryLine[];
  /** It covers the messages of the current memory below this ordinal. */
  readonly upTo: number;
  /** How many lines have left it for lack of room: the ledger has what they stood on. */
  readonly dropped: number;
  readonly madeAtMs: number;
  /** The ordinals whose lines a person removed: nothing made from them comes back. Missing: none. */
  readonly unwanted?: readonly number[];
  /** Something that it covers was changed or has gone: it is made anew from the ledger. */
  readonly isStale?: true;
}
