import type { PostId } from "../domain/message.ts";
import type { PostFile } from "../domain/post.ts";
import type { ReplyAddress } from "../domain/reply-address.ts";

/** A file, and the id that was reserved for it. */
export interface ReservedFile {
  readonly id: PostId;
  readonly file: PostFile;
}

/**
 * Files that stand beside the posts of a reply, on platforms where an edit can't give a post files. A file has its id before
 * anyone sees it. The caller keeps the id first: so a process that takes over finds the file, or deletes what is left of it.
 */
export interface SharedFiles {
  /** Nothing is stored or shown. @throws {PlatformError}, see `refusesFiles` */
  readonly reserve: (to: ReplyAddress, file: PostFile, signal: AbortSignal) => Promise<PostId>;
  /** Whether an id was reserved for this file with this content. */
  readonly isFor: (id: PostId, file: PostFile) => boolean;
  /** Shows files under the posts of the reply. Not idempotent: see `isShown`. @throws {PlatformError}, see `refusesFiles` */
  readonly show: (to: ReplyAddress, files: readonly ReservedFile[], signal: AbortSignal) => Promise<void>;
  /** Whether an earlier `show` took place. @throws {PlatformError} */
  readonly isShown: (to: ReplyAddress, id: PostId, signal: AbortSignal) => Promise<boolean>;
  /** Removes a file, also one that was never shown. Idempotent. @throws {PlatformError} */
  readonly remove: (to: ReplyAddress, id: PostId, signal: AbortSignal) => Promise<void>;
}
