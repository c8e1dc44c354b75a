import type { TimeZone } from "./time-zone.ts";

/** The platform's own id of a message; unique within its conversation. */
export type MessageId = string;

/** Identifies one Turn across attempts, restarts and replicas. */
export type TurnId = string;

/** Who said something. */
export interface Author {
  /** The platform's id of the account, with the workspace where one is needed to be unique. */
  readonly id: string;
  /** As people see it. Not unique. */
  readonly name: string;
  /** It is no person: an app, a bot, a webhook. Missing: it is one. */
  readonly isApp?: true;
  /** Where the person was then, as far as the platform tells. Missing: it doesn't. */
  readonly timeZone?: TimeZone;
}

/** What an author is called whose name could not be found out yet. */
export const unknownName = "someone";

/** A file that came with a message. The bot reads its name, not its content. */
export interface Attachment {
  readonly name: string;
  readonly mediaType?: string;
  readonly sizeBytes?: number;
}

/** One thing that a person said, as the platform delivered it, in plain text or Markdown. */
export interface Message {
  readonly id: MessageId;
  readonly author: Author;
  /** Without the mention of the bot, entities decoded. May be empty when there are attachments. */
  readonly text: string;
  readonly saidAtMs: number;
  readonly attachments: readonly Attachment[];
  readonly permalink?: string;
  /** The message that it replies to. Missing: none, or the platform has no such replies. */
  readonly inReplyTo?: MessageId;
  /** That message, for the conversation to know it. Missing: it is the bot's own, or gone. */
  readonly quoted?: Message;
}

/** The platform's id of one of our posts, in a form that its platform can find again. */
export type PostId = string;

/** The message that a post is: a PostId may lead with its place, `<channel>/<message>`. */
export function messageIdOf(post: PostId): MessageId {
  return post.slice(post.lastIndexOf("/") + 1);
}
