import type { PendingConfirmation } from "../domain/conversation-memory.ts";

/**
 * The questions that commands asked outside of any conversation: at most one for each person, for a day. Those that were
 * asked in a conversation are in its memory.
 */
export interface Confirmations {
  /** Adds a question, in place of an earlier one to the same person. @throws {StoreError} */
  readonly put: (platform: string, asked: PendingConfirmation, signal: AbortSignal) => Promise<void>;
  /** `person`: the Author's id. Undefined: no question is open. @throws {StoreError} */
  readonly find: (
    platform: string,
    person: string,
    signal: AbortSignal,
  ) => Promise<PendingConfirmation | undefined>;
  /** Idempotent. @throws {StoreError} */
  readonly drop: (platform: string, person: string, signal: AbortSignal) => Promise<void>;
}

/** How long a question is kept. A late "yes" is asked about again. */
export const confirmationKeptMs = 86_400_000;
