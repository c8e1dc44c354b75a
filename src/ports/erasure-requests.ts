import type { ConversationKey } from "../domain/conversation.ts";
import type { ReplyAddress } from "../domain/reply-address.ts";

/** Where a person asked for the erasure, and where the receipt goes. */
export interface Receipt {
  readonly conversation: ConversationKey;
  readonly replyTo: ReplyAddress;
  /** The erasure is complete since `sinceMs`; this text is still to be sent. Missing: the erasure is not complete. */
  readonly owed?: { readonly text: string; readonly sinceMs: number };
}

/** A person's request to erase all their messages on a platform. Kept permanently, as a cutoff without any text. */
export interface ErasureRequest {
  readonly id: string;
  readonly platform: string;
  /** The Author's id. */
  readonly author: string;
  /** Messages from before this time are erased and never return. */
  readonly beforeMs: number;
  /** Missing: the receipt was sent. */
  readonly receipt?: Receipt;
}

/** The queue of erasure requests, and the record of completed ones. */
export interface ErasureRequests {
  /** Stores a request. Idempotent by id. @throws {StoreError} */
  readonly begin: (request: ErasureRequest, signal: AbortSignal) => Promise<void>;
  /**
   * Claims a request whose receipt was not sent, for `heldMs`. Undefined if there is none, or others hold all of them.
   * @throws {StoreError}
   */
  readonly claimNext: (heldMs: number, signal: AbortSignal) => Promise<ErasureRequest | undefined>;
  /** Extends the claim to `heldMs` from now; an hour at most. @throws {StoreError} */
  readonly hold: (id: string, heldMs: number, signal: AbortSignal) => Promise<void>;
  /** Records that the erasure is complete and this receipt is to be sent. @throws {StoreError} */
  readonly saveReceipt: (id: string, receipt: Receipt, signal: AbortSignal) => Promise<void>;
  /** Records that the receipt was sent. Removes its address; the cutoff stays. @throws {StoreError} */
  readonly markReceiptSent: (id: string, signal: AbortSignal) => Promise<void>;
  /** Erasure cutoff (ms) per author. Authors without a request are absent. @throws {StoreError} */
  readonly cutoffs: (
    platform: string,
    authors: readonly string[],
    signal: AbortSignal,
  ) => Promise<ReadonlyMap<string, number>>;
}
