import type { MessageId } from "./message.ts";

/** One line of a rolling summary. */
export interface SummaryLine {
  readonly text: string;
  /** The messages that the line was made from. Never empty. */
  readonly cites: readonly Citation[];
  readonly tokens: number;
  /** Pinned by a person: dropped last, and repeated word for word by later summaries. */
  readonly isPinned?: true;
}

/** A reference from a summary line to a message. */
export interface Citation {
  readonly message: MessageId;
  readonly ordinal: number;
  readonly saidAtMs: number;
  /** The author's name in prompts. Missing in records of older versions. */
  readonly speaker?: string;
  readonly permalink?: string;
}

/** Stands for the messages that left the window. */
export interface Summary {
  /** Oldest first. Empty when nothing of an outdated summary may be used. */
  readonly lines: readonly SummaryLine[];
  /** Covers the messages below this ordinal. */
  readonly upTo: number;
  /** How many lines were dropped for lack of room. The archive still has their messages. */
  readonly dropped: number;
  readonly madeAtMs: number;
  /** Ordinals of messages whose lines a person removed; no later line may cite them. Missing: none. */
  readonly unwanted?: readonly number[];
  /** A covered message was changed or removed, so the summary is rebuilt from the archive. */
  readonly isStale?: true;
}
