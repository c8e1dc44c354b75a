import type { ConversationKey } from "../domain/conversation.ts";
import type { Right } from "../domain/rights.ts";

/** The audience of an answer: everyone in a place, or one person there. */
export interface Readers {
  readonly place: string;
  /** The Author's id. Missing: everyone who may read the place. */
  readonly person?: string;
}

/** Where a person gives a command, and what is known about the person there. */
export interface PlaceOfPerson {
  readonly conversation: ConversationKey;
  /** See DirectoryEntry. */
  readonly place: string;
  /** The command is a message there, so the person may post there. */
  readonly hasWritten: boolean;
  /** The person has written in the conversation before. */
  readonly isSpeaker: boolean;
}

/** Which places an audience may read. */
export interface Readable {
  /** Every reader may read these. */
  readonly places: readonly string[];
  /** The check failed for these: treat them as not readable. People are told how many. */
  readonly unknown: readonly string[];
}

/** Says who may read and do what on the platform. */
export interface PlatformAccess {
  /**
   * Which of the places every reader may read now. Called with thousands of places, so it must not make a request for
   * each. The readers' own place is always readable and is not passed. Missing: no other place is readable.
   * @throws {PlatformError}
   */
  readonly readable?: (readers: Readers, places: readonly string[], signal: AbortSignal) => Promise<Readable>;
  /** Whether the bot was added to a place, and so may post there. Missing: it is in every place that it hears of. @throws {PlatformError} */
  readonly isIn?: (place: string, signal: AbortSignal) => Promise<boolean>;
  /**
   * Whether a person (an Author's id) has a right in the place of a conversation now. An unclear answer is false. Missing:
   * everyone who can give a command there may read and write. @throws {PlatformError}
   */
  readonly hasRight?: (
    person: string,
    right: Right,
    where: PlaceOfPerson,
    signal: AbortSignal,
  ) => Promise<boolean>;
}
