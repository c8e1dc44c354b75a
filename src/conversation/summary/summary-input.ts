import type { Citation, SummaryLine } from "../../domain/summary.ts";
import type { RememberedMessage } from "../../domain/conversation-memory.ts";
import type { ArchivedMessage } from "../../domain/archive.ts";
import type { ConversationKey } from "../../domain/conversation.ts";
import type { TimeZone } from "../../domain/time-zone.ts";

/** A message that is to be folded. */
export type MessageToSummarize = Pick<
  RememberedMessage | ArchivedMessage,
  "id" | "ordinal" | "role" | "speaker" | "text" | "attachments" | "saidAtMs" | "permalink"
>;

/** What one fold is made from. */
export interface SummaryInput {
  readonly conversation: ConversationKey;
  readonly previous: readonly SummaryLine[];
  /** Oldest first. */
  readonly messagesToSummarize: readonly MessageToSummarize[];
  /** The labels of all who have spoken. Missing: those of the messages. */
  readonly speakers?: readonly string[];
  /** Of the times above the messages. */
  readonly timeZone: TimeZone;
}

/** A line as the model wrote it. `cites`: only messages that it was given; empty when there is none. */
export interface WrittenLine {
  readonly text: string;
  readonly cites: readonly Citation[];
}
