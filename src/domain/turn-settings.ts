import type { Budget } from "./budget.ts";
import type { SpendingLimits } from "./spending-limits.ts";

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
  /** Older messages are erased everywhere. 0: all are kept. */
  readonly retentionDays: number;
}
