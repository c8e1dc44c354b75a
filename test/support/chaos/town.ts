import type { BotProcess, BotSettings } from "../bot-process.ts";
import type { Spoken } from "./speech.ts";

/** One post of the bot, as people see it in the end. */
export interface Seen {
  readonly id: string;
  /** The messages that it answers; of one that is not whole, those that it says it will answer. */
  readonly covers: readonly Spoken[];
  /** It is a whole answer of the model. */
  readonly isAnswer: boolean;
  /** When it was last changed. */
  readonly atMs: number;
  readonly text: string;
}

/** Where one person talks with the bot. */
export interface Corner {
  /** Resolves when the platform was told that the message has arrived; `text` holds its token. */
  readonly say: (text: string) => Promise<void>;
  /** What stands in the thread, oldest first. */
  readonly seen: () => readonly Seen[];
}

/** A platform with people on it, around all replicas. */
export interface Town extends AsyncDisposable {
  readonly name: "Slack" | "Discord";
  readonly settings: BotSettings;
  /** A replica is there. */
  readonly up: (slot: number, bot: BotProcess) => void;
  readonly down: (slot: number) => void;
  /** Posts of the bot in no conversation that somebody began. */
  readonly astray: () => number;
  readonly openCorner: (person: string) => Corner;
  /** How many messages were delivered more than once on purpose. */
  readonly repeats: () => number;
}
