import type { MessageId } from "../domain/message.ts";
import type { Offer } from "../domain/offer.ts";
import type { ReplyAddress } from "../domain/reply-address.ts";

/** A small text file from the bot. */
export interface TextFile {
  readonly name: string;
  /** With its charset: "text/markdown; charset=utf-8". */
  readonly mediaType: string;
  readonly text: string;
}

/** A private line about a message that can't be answered in its place. */
export interface Unanswered {
  readonly text: string;
  readonly message: MessageId;
}

/** Tells something to one person alone. */
export interface PlatformPrivateReplies {
  /** Shows texts to one person, in order, with the buttons under the last text. @throws {PlatformError} */
  readonly sendPrivately: (
    to: ReplyAddress,
    texts: readonly string[],
    signal: AbortSignal,
    offer?: Offer,
  ) => Promise<void>;
  /**
   * Tells a person alone that their message can't be answered in its place: with a short line, or else with a mark on the
   * message. Missing: use `sendPrivately`. @throws {PlatformError}
   */
  readonly notifyUnanswered?: (to: ReplyAddress, told: Unanswered, signal: AbortSignal) => Promise<void>;
  /** Sends files to one person alone, with a text. Missing: the platform can't. @throws {PlatformError} */
  readonly sendFilesPrivately?: (
    to: ReplyAddress,
    message: { readonly text: string; readonly files: readonly TextFile[] },
    signal: AbortSignal,
  ) => Promise<void>;
}
