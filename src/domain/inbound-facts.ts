import type { CommandInbound, Addressing, Downtime, InboundBase, Said } from "./inbound.ts";
import type { Attachment, Author, Message, MessageId } from "./message.ts";
import type { ReplyAddress } from "./reply-address.ts";
import type { Right } from "./rights.ts";
import type { Source } from "./conversation-memory.ts";
import type { Summary } from "./summary.ts";
import type { TurnRecord } from "./turn-record.ts";
import type { MessageChange } from "./message-change.ts";

/** The types of an inbound's properties, by the name under which the stores know how to read them. */
interface FieldTypes {
  text: string;
  texts: readonly string[];
  number: number;
  /** A whole number from 0. */
  count: number;
  /** The literal `true`. */
  flag: true;
  author: Author;
  message: Message;
  attachments: readonly Attachment[];
  addressing: Addressing;
  downtime: Downtime;
  rights: readonly Right[];
  replyAddress: ReplyAddress;
  sources: readonly Source[];
  summary: Summary;
  turnRecord: TurnRecord;
  said: Said;
  command: CommandInbound;
  change: MessageChange;
}

/** The name of a property's type. */
export type FieldType = keyof FieldTypes;

type TypeOf<T> = { [N in FieldType]: [T, FieldTypes[N]] extends [FieldTypes[N], T] ? N : never }[FieldType];

/** The types of an inbound's own properties. All are named, since the stores drop a property without a type. */
export type Fields<I> = {
  readonly [K in Exclude<keyof I, keyof InboundBase | "kind">]-?: object extends Pick<I, K>
    ? `${TypeOf<NonNullable<I[K]>>}?`
    : TypeOf<I[K]>;
};

/** As `Fields`, of any inbound. A question mark follows the type of a property that may be missing. */
export type AnyFields = Readonly<Record<string, FieldType | `${FieldType}?`>>;

/** What the stores have to know of an inbound. They keep it beside the record and never look into the record. */
export interface InboundFacts {
  /** It may begin a conversation. Others are appended only to a conversation that exists. */
  readonly opens: boolean;
  /** It moves its conversation up in people's lists. The bot's own inbounds and mere feedback don't. */
  readonly movesUp: boolean;
  /** The platform message that carries it. Missing: there is none. */
  readonly message?: MessageId;
  /** The id under which the message it replies to is located. Missing: it replies to none. */
  readonly quoted?: MessageId;
  /** The id of the author to list as a participant. Missing: it has none. */
  readonly author?: string;
  /** Set for new messages: what the conversation is listed under until it has a title. */
  readonly title?: string;
  /** It adds text, so that a full store refuses it. */
  readonly addsText: boolean;
  /** It replaces a text, whose old form must leave the stores' files. */
  readonly replacesText: boolean;
  /**
   * The dedupe mark that a deletion sets, also for an unknown conversation. It stops a later delivery of the deleted
   * message. Missing: it is no deletion.
   */
  readonly deletionMark?: string;
  /** The dedupe mark that a deletion of this message would have set. Missing: it is no message. */
  readonly deletedBy?: string;
  /** The messages whose texts its record may contain. `any`: it can't be told, as in a summary. */
  readonly mayQuote: readonly MessageId[] | "any";
}
