import type { ImageFacts } from "./image.ts";
import type { FileRef } from "./file-ref.ts";
import type { TimeZone } from "./time-zone.ts";
import type { WhyUnread } from "./unread-file.ts";

/** The platform's own id of a message. Unique within its conversation. */
export type MessageId = string;

/** Identifies a Turn across attempts, restarts and replicas. */
export type TurnId = string;

/** The author of a message: a person, or an app. */
export interface Author {
  /** The platform's id of the account, with the workspace where it takes one to be unique. */
  readonly id: string;
  /** The display name. Not unique. */
  readonly name: string;
  /** An app, a bot or a webhook. Missing: a person. */
  readonly isApp?: true;
  /** The person's time zone when the message was written. Missing: the platform does not tell. */
  readonly timeZone?: TimeZone;
}

/** The name of an author whose display name is not known yet. */
export const unknownName = "someone";

/** A file attached to a message. Its content stays on the platform. */
export interface Attachment {
  readonly name: string;
  readonly mediaType?: string;
  readonly sizeBytes?: number;
  /** Finds the file on its platform. Missing: an older record, or the platform tells no id. */
  readonly ref?: FileRef;
  /** The message's text shows only the beginning of the file's text: see excerptBlock. Missing: all of it, or none. */
  readonly isCut?: true;
  /** The message's text shows all of the file's text, as the platform told it. Missing: only a part, or none. */
  readonly isShown?: true;
  /**
   * How many characters at the end of the message's text are the text that was read of the file: first those of the first
   * file. See file-texts.ts. Missing: none was read.
   */
  readonly textChars?: number;
  /** Why its text was not read. Missing: it was, or nobody tried. */
  readonly unread?: WhyUnread;
  /** It is an image. Its text is a description, which is made in the background. Missing: it is none, or nobody looked. */
  readonly image?: ImageFacts;
  /** How often its description failed. Missing: never. */
  readonly undescribed?: number;
  /** It is a recording of speech. Its text is what is said. Missing: it is none, or nobody listened. */
  readonly isSpeech?: true;
  /** What a prompt takes for it, counted once, when its message was remembered. Missing: not remembered, or an older record. */
  readonly tokens?: number;
}

/** One message of a person or an app, as the platform delivered it, in plain text or Markdown. */
export interface Message {
  readonly id: MessageId;
  readonly author: Author;
  /** Without mentions that call the bot, entities decoded. May be empty when there are attachments. */
  readonly text: string;
  readonly saidAtMs: number;
  readonly attachments: readonly Attachment[];
  readonly permalink?: string;
  /** The message that this one replies to. Missing: none, or the platform has no replies. */
  readonly inReplyTo?: MessageId;
  /** The content of that message. Missing: the bot wrote it, or it was deleted. */
  readonly quoted?: Message;
}

/** The platform's id of a post of the bot, in a form from which the platform can find it. */
export type PostId = string;

/** The message id of a post. A PostId may start with its place: `<channel>/<message>`, `<installation>/<channel>/<message>`. */
export function messageIdOf(post: PostId): MessageId {
  return post.slice(post.lastIndexOf("/") + 1);
}
