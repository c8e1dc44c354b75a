import type { ConversationKey } from "../domain/conversation.ts";
import type { PostId, TurnId } from "../domain/message.ts";
import type { Post } from "../domain/post.ts";
import type { ReplyAddress } from "../domain/reply-address.ts";
import type { SharedFiles } from "./shared-files.ts";

/** A platform's limits for posts. */
export interface PostLimits {
  /** The longest text of one post, in UTF-16 code units. */
  readonly postChars: number;
  /**
   * Set if the platform can't create a post idempotently. The reply then starts with a post without text, for which the
   * platform shows a placeholder; it is journalled and edited from then on. A crash can at worst double the placeholder,
   * never an answer.
   */
  readonly hasPlaceholder?: true;
  /** Its people have no other way to stop an answer, so a post that grows carries a Stop button. Missing: they have. */
  readonly carriesStop?: true;
  /** A reply that takes more posts than this comes as its beginning and a file. Missing: it comes in posts. */
  readonly maxPosts?: number;
  /** A longer code block of a reply becomes a file, in UTF-16 code units. Missing: none does. */
  readonly codeChars?: number;
  /** It shows the steps of a post. Missing: a post is not written for the sake of its steps. */
  readonly showsSteps?: true;
}

/** A write to a post of a reply, before it is made. */
export interface PlannedWrite {
  readonly turn: TurnId;
  readonly part: number;
  /** Missing: the post is to be created. */
  readonly id?: PostId;
  /**
   * `first`: the first words of an answer, or a post that precedes them. `growth`: more words. `final`: a complete post, or
   * a temporary line in place of the answer.
   */
  readonly kind: "first" | "growth" | "final";
}

/** Writes the posts of replies. */
export interface PlatformPosts {
  readonly limits: PostLimits;
  /**
   * Called before each create and edit. Resolves when the platform's rate plan allows the write, which then counts. Final
   * writes come before growth. Growth waits for as long as it takes, and its text may change in the meantime: the caller aborts
   * when the answer is complete. @throws {PlatformError} `rate-limited` if another write would have to wait for more than
   * about two seconds: its turn should give its slot back.
   */
  readonly whenWritable: (to: ReplyAddress, write: PlannedWrite, signal: AbortSignal) => Promise<void>;
  /** Its posts can't carry files: those of a reply stand beside them. Missing: a post carries its files. */
  readonly sharedFiles?: SharedFiles;
  /** Not idempotent: see `findPost`. @throws {PlatformError}, see `refusesFiles` */
  readonly createPost: (to: ReplyAddress, post: Post, signal: AbortSignal) => Promise<PostId>;
  /** Idempotent. @throws {PlatformError}, see `refusesFiles` */
  readonly editPost: (to: ReplyAddress, id: PostId, post: Post, signal: AbortSignal) => Promise<void>;
  /** Idempotent: an already deleted post counts as deleted. @throws {PlatformError} */
  readonly deletePost: (to: ReplyAddress, id: PostId, signal: AbortSignal) => Promise<void>;
  /**
   * Finds a post that may have been created before a crash: the same turn and part, not older than `sinceMs`. Undefined if
   * there is none, or if creating it again is harmless. Missing: creating a post again is always harmless.
   * @throws {PlatformError}
   */
  readonly findPost?: (
    to: ReplyAddress,
    post: Post,
    sinceMs: number,
    signal: AbortSignal,
  ) => Promise<PostId | undefined>;
  /**
   * Whether people see the last post of a running reply. False: the process that wrote them is gone, and they went with it. An
   * edit shows them again. Missing: posts stay.
   */
  readonly showsReply?: (to: ReplyAddress, last: PostId) => boolean;
  /** The URL of a post of the bot. Missing or undefined: posts have none. */
  readonly permalinkOf?: (conversation: ConversationKey, post: PostId) => string | undefined;
}
