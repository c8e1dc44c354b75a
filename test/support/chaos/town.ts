import type { BotProcess, BotSettings } from "../bot-process.ts";
import type { Spoken } from "./speech.ts";

/** What a post of the bot showed at one time. */
export interface Shown {
  /** The messages that it answers; for an unfinished one, those that it announces. */
  readonly covers: readonly Spoken[];
  /** Whether it is a complete answer of the model, or one that its length limit cut. */
  readonly isAnswer: boolean;
  /** When it was written. */
  readonly atMs: number;
  readonly text: string;
  readonly buttons: readonly ShownButton[];
}

/** One post of the bot in its final state. */
export interface Seen extends Shown {
  readonly id: string;
  /** All that it showed, oldest first, the final state too. */
  readonly versions: readonly Shown[];
}

/** A button under a post that names a turn. */
export interface ShownButton {
  readonly action: string;
  /** The turn of the answer. */
  readonly on: string;
  /** What the platform calls it. */
  readonly id: string;
  readonly label: string;
}

/** A person presses a button. */
export interface CornerPress {
  readonly post: string;
  readonly button: ShownButton;
  readonly by: string;
  /** How often the platform delivers it. */
  readonly times: number;
}

/** A file that a person sends. */
export interface SentFile {
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: Buffer;
}

/** A conversation of one person with the bot. */
export interface Corner {
  /** Resolves to its id when the platform has accepted the message. `text` holds its token. A file is slow to read.
   * A command mentions the bot. */
  readonly say: (text: string, file?: SentFile) => Promise<string>;
  /** Deletes a message, or its file alone. Resolves when the bot has heard of it. */
  readonly takeBack: (message: string, what: "file" | "message") => Promise<void>;
  /** The posts in the thread, oldest first. */
  readonly seen: () => readonly Seen[];
  /** The words in the images that the bot posted and that stand there now, with repetitions. */
  readonly images: () => readonly string[];
  /** Whether the bot took it within the platform's 3 seconds. If not, it may have stored it all the same. */
  readonly press: (press: CornerPress) => Promise<boolean>;
  /** As the bot names a person. */
  readonly authorOf: (person: string) => string;
}

/** A platform with people on it, around all replicas. */
export interface Town extends AsyncDisposable {
  readonly name: "Slack" | "Discord" | "the web";
  readonly settings: BotSettings;
  /** A replica has started. */
  readonly up: (slot: number, bot: BotProcess) => void;
  readonly down: (slot: number) => void;
  /** The bot's posts outside of any conversation. */
  readonly astray: () => number;
  /** How many posts are streamed to people now. */
  readonly streaming: () => number;
  /** Posts that look as if the bot were still writing, or had failed. None once it has ended. */
  readonly unfinished: () => number;
  /** `isPublic`: in a channel. Missing: there, or in a DM. */
  readonly openCorner: (person: string, isPublic?: boolean) => Corner;
  /** How often a file was asked for. */
  readonly readings: () => number;
  /** How many messages were redelivered on purpose. */
  readonly repeats: () => number;
}
