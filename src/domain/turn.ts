import type { ConversationKey } from "./conversation.ts";
import type { TurnId } from "./message.ts";
import type { ReplyAddress } from "./reply-address.ts";

/** The platform's id of one of our posts, in a form that its platform can find again. */
export type PostId = string;

/** One post of a reply, as far as the journal knows. */
export interface JournalledPost {
  /** 0 for the first post of the reply. */
  readonly part: number;
  /** When we were about to create it. */
  readonly intendedAtMs: number;
  /** Missing: the process may have died between the create and this line. */
  readonly id?: PostId;
}

/** The running turn of a conversation, as the journal keeps it: enough to finish it elsewhere. */
export interface Turn {
  readonly id: TurnId;
  readonly conversation: ConversationKey;
  /** Counts starts, from 1. Outages of model, platform or store are taken back. */
  readonly attempt: number;
  /** The `seq` of the inbox entries that it takes. */
  readonly covers: readonly number[];
  readonly replyTo: ReplyAddress;
  /** In the order of parts. */
  readonly posts: readonly JournalledPost[];
  /** What had been written when a person interrupted. */
  readonly draft?: string;
  /** The whole reply. From here on the model is not asked again. */
  readonly answer?: string;
  /** What the answer is remembered as. Missing: the model's reply. */
  readonly answerRole?: "bot" | "notice";
}

/** The right to write for a conversation until somebody takes it over. */
export interface Lease {
  readonly conversation: ConversationKey;
  readonly epoch: number;
}

/** Why a running turn is to stop and be planned anew. */
export type Interruption =
  | { readonly kind: "question-changed"; readonly message: string }
  | { readonly kind: "stopped" }
  | { readonly kind: "command" };
