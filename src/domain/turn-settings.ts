import { answerLimits } from "./answer-limits.ts";
import type { Budget } from "./budget.ts";
import { oneOf, text, wholeNumber, type ValuesOf } from "./setting.ts";
import { spendingLimits, type SpendingLimits } from "./spending-limits.ts";

/**
 * What each place and person may have of its own. Today the environment sets it for all of them. A new setting is one line
 * here, and the place that uses it: its type, its check and its part in `settingsVersion` follow.
 */
export const placeSettings = {
  /** The name of the model that answers. */
  model: text("OPENAI_MODEL", "gpt-6-luna"),
  /** The operator's part of the instructions. May be empty. */
  systemPrompt: text("SYSTEM_PROMPT", ""),
  /** The most tokens of a prompt. */
  contextTokens: wholeNumber("CONTEXT_TOKENS", [500, 1_000_000], 16_000),
  /**
   * Which messages the bot answers. `mention`: those that call it (a mention, a reply to its post, a DM). `thread`: also
   * what one person goes on to write in a conversation with it. `always`: every message that is not addressed to other
   * people. `off`: none, and it remembers none. Commands run in every mode. Asked when a message is accepted, and again when
   * its turn starts.
   */
  replyMode: oneOf("REPLY_MODE", ["mention", "thread", "always", "off"], "thread"),
  /** Older messages are erased everywhere. 0: all are kept. */
  retentionDays: wholeNumber("RETENTION_DAYS", [0, 36_500], 0),
  limits: spendingLimits,
  answerLimits,
};

/** The values of `placeSettings` in one place. */
export type PlaceSettings = ValuesOf<typeof placeSettings>;

export type ReplyMode = PlaceSettings["replyMode"];

/** The place where something is about to be done, and the person that it is done for. */
export interface SettingsScope {
  readonly platform: string;
  /** See Platform.installationOf. Missing: the platform has only one installation, or the place is unknown. */
  readonly installation?: string;
  /** See DirectoryEntry. */
  readonly place: string;
  /** The Author's id. Missing: the bot does it by itself, as a summary in the background. */
  readonly author?: string;
}

/** The settings of one turn, resolved once when it starts. */
export interface TurnSettings extends PlaceSettings {
  /** Changes whenever one of the others does. */
  readonly settingsVersion: string;
  /** The system prompt, the operator's part included. */
  readonly instructions: string;
  /** For the messages of a prompt. A model's server may lower it at any time. */
  readonly budget: Budget;
  readonly limits: SpendingLimits;
  /** The names of the tools that the model may use. */
  readonly tools: "all" | readonly string[];
}
