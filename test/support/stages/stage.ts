import type { BotProcess, BotSettings } from "../bot-process.ts";

/** One conversation of one person with the bot. */
export interface Room {
  /** Says something; resolves when the platform has handed it over. */
  readonly say: (text: string) => Promise<void>;
  /** Changes the words of what was said first. */
  readonly editFirst: (text: string) => Promise<void>;
  /** Takes back what was said first. */
  readonly deleteFirst: () => Promise<void>;
  /** Takes back what was said last. */
  readonly deleteLast: () => Promise<void>;
  /** What the bot answered and people see now, oldest first; whole and half answers alike. */
  readonly answers: () => readonly string[];
}

/** A platform with people on it, around the real program. */
export interface Stage extends AsyncDisposable {
  readonly name: string;
  /** What the bot needs to find this platform. */
  readonly settings: BotSettings;
  /** After each start of the bot. */
  readonly connect: (bot: BotProcess) => Promise<void>;
  /** What was not taken is delivered once more, where a platform does that. */
  readonly deliverAgain?: () => Promise<void>;
  readonly openRoom: (name: string) => Room;
}

/** Stands at the end of every answer of `markedAnswer`: without it an answer is not whole. */
export const endMark = "∎";
