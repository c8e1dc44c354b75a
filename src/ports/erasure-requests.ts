import type { ConversationKey } from "../domain/conversation.ts";
import type { ReplyAddress } from "../domain/reply-address.ts";

/** Where it was asked to forget, and where the receipt goes. */
export interface Receipt {
  readonly conversation: ConversationKey;
  readonly replyTo: ReplyAddress;
  /** Everything is forgotten, since then: what is left is to say this. */
  readonly owed?: { readonly text: string; readonly sinceMs: number };
}

/** Somebody wants everything that they said forgotten. It is kept for ever as a mark, without any text. */
export interface ErasureRequest {
  readonly id: string;
  readonly platform: string;
  /** The Author's id. */
  readonly author: string;
  /** What was said before then goes, and is not brought back. */
  readonly beforeMs: number;
  /** Missing: it was given. */
  readonly receipt?: Receipt;
}

/** Who wants to be forgotten. */
export interface ErasureRequests {
  /** The same id again changes nothing. @throws {StoreError} */
  readonly begin: (forgetting: ErasureRequest, signal: AbortSignal) => Promise<void>;
  /**
   * One whose receipt was not given, held for whoever asked until `heldMs` have passed; undefined: none that nobody holds.
   * @throws {StoreError}
   */
  readonly claimNext: (heldMs: number, signal: AbortSignal) => Promise<ErasureRequest | undefined>;
  /** No other caller gets it for so long from now on, an hour at most. @throws {StoreError} */
  readonly hold: (id: string, heldMs: number, signal: AbortSignal) => Promise<void>;
  /** Everything is forgotten: what is left is to give this receipt. @throws {StoreError} */
  readonly saveReceipt: (id: string, receipt: Receipt, signal: AbortSignal) => Promise<void>;
  /** The receipt was given: its address goes, the mark stays. @throws {StoreError} */
  readonly markReceiptSent: (id: string, signal: AbortSignal) => Promise<void>;
  /** Until when what these authors said is forgotten; who never asked is not in it. @throws {StoreError} */
  readonly cutoffs: (
    platform: string,
    authors: readonly string[],
    signal: AbortSignal,
  ) => Promise<ReadonlyMap<string, number>>;
}
