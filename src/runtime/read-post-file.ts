import type { PostFile } from "../domain/post.ts";
import { FileStoreError, type FileStore } from "../ports/file-store.ts";
import { PlatformError } from "../ports/platform-error.ts";

/** The bytes of a file that a post shows. Undefined: the store has lost them. @throws {PlatformError} while it can't be read. */
export async function readPostFile(
  files: FileStore,
  { content }: PostFile,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (typeof content === "string") return new TextEncoder().encode(content);
  try {
    return await files.read(content.hash, { from: 0, to: content.sizeBytes }, signal);
  } catch (error) {
    if (!(error instanceof FileStoreError)) throw error;
    throw new PlatformError("unreachable", "A file of a post can't be read", { cause: error });
  }
}
