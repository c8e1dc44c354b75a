import type { Citation, SummaryLine } from "../../domain/summary.ts";
import type { RememberedMessage } from "../../domain/conversation-memory.ts";
import type { ArchivedMessage } from "../../domain/archive.ts";
import type { Payer } from "../../domain/prompt.ts";
import type { TimeZone } from "../../domain/time-zone.ts";

/** A message to summarize. */
export type MessageToSummarize = Pick<
  RememberedMessage | ArchivedMessage,
  "id" | "ordinal" | "role" | "speaker" | "text" | "attachments" | "saidAtMs" | "permalink"
>;

/** The input of one summary request. */
export interface SummaryInput {
  readonly payer: Payer;
  readonly previous: readonly SummaryLine[];
  /** Oldest first. */
  readonly messagesToSummarize: readonly MessageToSummarize[];
  /** Labels of all speakers. Default: those of the messages. */
  readonly speakers?: readonly string[];
  /** For the times above the messages. */
  readonly timeZone: TimeZone;
}

/** A line as the model wrote it. `cites`: only messages from its input; may be empty. */
export interface WrittenLine {
  readonly text: string;
  readonly cites: readonly Citation[];
}
