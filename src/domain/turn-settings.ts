import type { AnswerLimits } from "./answer-limits.ts";
import type { Budget } from "./budget.ts";
import type { SpendingLimits } from "./spending-limits.ts";

/**
 * Which messages of a place the bot answers. `mention`: those that call it (a mention, a reply to its post, a DM).
 * `thread`: also what one person goes on to write in a conversation with it. `always`: every message that is not addressed
 * to other people. `off`: none, and it remembers none. Commands run in every mode.
 */
export type ReplyMode = "mention" | "thread" | "always" | "off";

/** Where, and for whom, something is about to be done. */
export interface SettingsScope {
  readonly platform: string;
  /** See DirectoryEntry. */
  readonly place: string;
  /** The Author's id. Missing: the bot does it by itself, as a summary in the background. */
  readonly author?: string;
}

/** The settings of one turn, resolved once when it starts. */
export interface TurnSettings {
  /** Changes whenever one of the others does. */
  readonly settingsVersion: string;
  /** The system prompt, the operator's part included. */
  readonly instructions: string;
  /** For the messages of a prompt. A model's server may lower it at any time. */
  readonly budget: Budget;
  readonly limits: SpendingLimits;
  /** The names of the tools that the model may use. */
  readonly tools: "all" | readonly string[];
  readonly answerLimits: AnswerLimits;
  /** Asked when a message is accepted, and again when its turn starts. */
  readonly replyMode: ReplyMode;
  /** Older messages are erased everywhere. 0: all are kept. */
  readonly retentionDays: number;
}
