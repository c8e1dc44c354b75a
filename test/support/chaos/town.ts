import type { BotProcess, BotSettings } from "../bot-process.ts";
import type { Spoken } from "./speech.ts";

/** One post of the bot in its final state. */
export interface Seen {
  readonly id: string;
  /** The messages that it answers; for an unfinished one, those that it announces. */
  readonly covers: readonly Spoken[];
  /** Whether it is a complete answer of the model. */
  readonly isAnswer: boolean;
  /** The time of its last change. */
  readonly atMs: number;
  readonly text: string;
}

/** A conversation of one person with the bot. */
export interface Corner {
  /** Resolves when the platform has accepted the message. `text` holds its token. */
  readonly say: (text: string) => Promise<void>;
  /** The posts in the thread, oldest first. */
  readonly seen: () => readonly Seen[];
}

/** A platform with people on it, around all replicas. */
export interface Town extends AsyncDisposable {
  readonly name: "Slack" | "Discord";
  readonly settings: BotSettings;
  /** A replica has started. */
  readonly up: (slot: number, bot: BotProcess) => void;
  readonly down: (slot: number) => void;
  /** The bot's posts outside of any conversation. */
  readonly astray: () => number;
  readonly openCorner: (person: string) => Corner;
  /** How many messages were redelivered on purpose. */
  readonly repeats: () => number;
}
