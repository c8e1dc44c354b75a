import type { MessageId } from "./message.ts";

/** Keeps the bot from answering in a conversation. */
export interface Mute {
  /** The people who called it and were told so, the newest 50, and when. */
  readonly told: readonly { readonly by: string; readonly atMs: number }[];
  /**
   * The reactions that mute it, the newest 50: it answers again when the last one is removed. Missing: a command mutes it, until
   * another one ends that.
   */
  readonly reactions?: readonly MuteReaction[];
}

/** A reaction that a person added to a message, so that the bot does not answer there. */
export interface MuteReaction {
  /** The Author's id. */
  readonly by: string;
  readonly message: MessageId;
  /** When it was added. Missing: early data of this format. */
  readonly atMs?: number;
}

/** What ended the mutes by some reactions. */
export interface MuteRemoval {
  /** The Author's id. Missing: those of everyone ended. */
  readonly by?: string;
  /** Missing: those to every message ended. */
  readonly message?: MessageId;
  readonly atMs: number;
}
