import type { ConversationKey } from "../../domain/conversation.ts";
import type { MessageId } from "../../domain/message.ts";
import type { PostFile } from "../../domain/post.ts";
import { FileStoreError, type FileStore } from "../../ports/file-store.ts";
import type { Log } from "../../ports/log.ts";
import { imageLinkName } from "../../domain/made-image.ts";

/** A reply with images. */
interface ReplyWithImages {
  readonly conversation: ConversationKey;
  /** The reply's id. */
  readonly message: MessageId;
  /** The Author's id of the asker. */
  readonly author: string;
  readonly saidAtMs: number;
  readonly files: readonly PostFile[];
}

/**
 * Has the store keep the images of a reply until it is erased, where nothing else keeps them. Without the store the reply stands, and shows that they are gone.
 */
export async function keepImages(
  { files, log }: { readonly files: FileStore; readonly log: Log },
  { conversation, message, author, saidAtMs, files: made }: ReplyWithImages,
  signal: AbortSignal,
): Promise<void> {
  try {
    for (const { content } of made) {
      if (typeof content === "string") continue;
      const link = { conversation, message, name: imageLinkName(content.hash), author, saidAtMs };
      await files.link(link, content.hash, signal);
    }
  } catch (error) {
    if (!(error instanceof FileStoreError)) throw error;
    log.warn({ err: error }, "the images of an answer can't be kept; pages show that they are gone");
  }
}

/** Takes links back that `keepImages` made, and at once the bytes that only they had. */
export async function dropImages(
  { files, log }: { readonly files: FileStore; readonly log: Log },
  { conversation, message, files: made }: Pick<ReplyWithImages, "conversation" | "message" | "files">,
  signal: AbortSignal,
): Promise<void> {
  try {
    for (const { content } of made) {
      if (typeof content === "string") continue;
      await files.unlink({ conversation, message, name: imageLinkName(content.hash) }, signal);
    }
  } catch (error) {
    if (!(error instanceof FileStoreError)) throw error;
    log.warn({ err: error }, "images of an answer can't be erased now; they go with their conversation");
  }
}
