import type { ConversationKey } from "../domain/conversation.ts";
import type { Said } from "../domain/inbound.ts";

/** A message that a person chose, and who chose it. */
interface ChosenMessage {
  readonly said: Said;
  /** The Author's id. */
  readonly asker: string;
}

/** Names a chosen message. */
interface ChosenAt {
  readonly platform: string;
  readonly conversation: ConversationKey;
  readonly id: string;
}

/**
 * Keeps for an hour what a person asks about, while they write the question: for platforms whose forms hold no text, and whose
 * messages can't be read again. It goes with its message, its author and its asker. Any replica can find it.
 */
export interface ChosenMessages {
  /**
   * A new id of at most 16 letters and digits. Undefined: the store takes nothing now, or one of the two has just asked to be
   * forgotten. @throws {FileStoreError | StoreError}
   */
  readonly keep: (chosen: ChosenMessage, signal: AbortSignal) => Promise<string | undefined>;
  /** Undefined: it is over an hour old, was erased, or another person chose it. @throws {FileStoreError} */
  readonly find: (at: ChosenAt, asker: string, signal: AbortSignal) => Promise<Said | undefined>;
}
