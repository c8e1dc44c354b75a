import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { Fields } from "../../domain/inbound-facts.ts";
import type { Change, Inbound } from "../../domain/inbound.ts";
import type { Author, MessageId } from "../../domain/message.ts";
import type { ReplyAddress } from "../../domain/reply-address.ts";
import type { Interruption } from "../../domain/turn.ts";
import type { CountTokens } from "../memory/remembered-message.ts";
import type { ChangesInProgress } from "../memory/remove-derived.ts";

/** What the program has to know of a kind of inbound. A missing method means: none. */
interface AnyKind<I extends Inbound> {
  /** How the stores read its own properties. */
  readonly fields: Fields<I>;
  /** `own`: the bot itself creates it, and it does not move its conversation up in people's lists. */
  readonly origin: "outside" | "own";
  /** Whether it may begin a conversation. Others are appended only to a conversation that exists. */
  opens(inbound: I): boolean;
  /** Whether it can concern a conversation that only the archive knows. */
  readonly concernsArchived: boolean;
  /** A person waits for its answer, and is told when there is none. */
  readonly expectsAnswer: boolean;
  /** The messages whose texts its record may contain. `any`: it can't be told. */
  mayQuote(inbound: I): readonly MessageId[] | "any";
  /** The platform message that carries it. */
  carriedBy?(inbound: I): MessageId | undefined;
  /** The author, who is listed as a participant of the conversation. */
  author?(inbound: I): Author | undefined;
  /** Where it is answered. */
  replyTo?(inbound: I): ReplyAddress | undefined;
  /** The text that it adds. A full store refuses kinds that add text. */
  text?(inbound: I): string;
  /** The inbound with its texts cut to the longest that is stored. Missing: the platform limits them. */
  truncate?(inbound: I): I;
  /** For new messages: the title until the conversation has one. */
  title?(inbound: I): string;
  /** The id under which the message it replies to is located. */
  quoted?(inbound: I): MessageId | undefined;
  /** It deletes a message, whose later delivery it stops. */
  readonly isDeletion?: true;
  /** It replaces a text, whose old form must leave the stores' files. */
  replacesText?(inbound: I): boolean;
  /** Though it comes from outside, it does not move its conversation up in people's lists. */
  isQuiet?(inbound: I): boolean;
  /** Its turn compares memory with the archive before it uses it. */
  readonly rechecksMemory?: true;
  /**
   * Whether it changes or removes texts that a request for approval may have been made from. The request is withdrawn then.
   * Missing: it does not.
   */
  outdatesRequest?(inbound: I): boolean;
  /** What it does to a running turn. `interruptingCommands`: the names of the commands that interrupt. */
  interrupts?(inbound: I, interruptingCommands: ReadonlySet<string>): Interruption | undefined;
}

/** How a kind changes memory. */
export interface MemoryChange<I extends Change> {
  changeMemory(
    changing: ChangesInProgress,
    change: I,
    countTokens: CountTokens,
  ): ChangesInProgress | Promise<ChangesInProgress>;
  /** Whether it may have removed the message. Bulk removals may, since the message can't be inspected any more. */
  mayRemove(change: I, message: MessageId): boolean;
  /** Messages whose old texts must leave the stores, beside those that were removed. `memory`: after the change. */
  noLongerQuoted?(change: I, memory: ConversationMemory): readonly MessageId[];
  /** The conversation also loses the title that a person gave it. */
  readonly removesName?: true;
}

/** The rules of a kind: for a Change, with how it changes memory. */
export type InboundKind<I extends Inbound> = AnyKind<I> & (I extends Change ? MemoryChange<I> : unknown);

/** The rules of an inbound whose kind is not known. */
export type RulesOf = AnyKind<Inbound>;
