import type { Citation, SummaryLine } from "../../domain/summary.ts";
import type { RememberedMessage } from "../../domain/conversation-memory.ts";
import type { LedgerMessage } from "../../domain/archive.ts";
import type { ConversationKey } from "../../domain/conversation.ts";
import type { TimeZone } from "../../domain/time-zone.ts";

/** A message that is to be folded. */
export type Leaving = Pick<
  RememberedMessage | LedgerMessage,
  "id" | "ordinal" | "role" | "speaker" | "text" | "attachments" | "saidAtMs" | "permalink"
>;

/** What one fold is made from. */
export interface FoldInput {
  readonly conversation: ConversationKey;
  readonly previous: readonly SummaryLine[];
  /** Oldest first. */
  readonly leaving: readonly Leaving[];
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
