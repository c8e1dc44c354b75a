import { imageTypes } from "../../../domain/image.ts";
import { imageLinkName } from "../../../domain/made-image.ts";
import type { MessageId } from "../../../domain/message.ts";
import type { PostFile } from "../../../domain/post.ts";
import type { FileStore, StoredFile } from "../../../ports/file-store.ts";
import { keyFor, type WebPlace } from "../wire/keys.ts";
import type { ShownFile } from "../wire/files.ts";

/** No key of an upload begins so. */
const mark = "made:";

/** The images of a reply as pages get them. Missing: it has none. */
export function shownImages(
  images: readonly PostFile[],
  { conversation, message }: { readonly conversation: string; readonly message: MessageId },
): { readonly files?: readonly ShownFile[] } {
  const files = images.flatMap(({ name, mediaType, description, image, content }): readonly ShownFile[] => {
    if (typeof content === "string") return [];
    const parts = [conversation, message, mark + content.hash, name.toWellFormed()].map(encodeURIComponent);
    const type = imageTypes.some((each) => each === mediaType) ? `?type=${mediaType}` : "";
    return [
      {
        name,
        mediaType,
        bytes: content.sizeBytes,
        url: `chat/files/${parts.join("/")}${type}`,
        ...(description === undefined ? {} : { description }),
        ...(image === undefined ? {} : { width: image.width, height: image.height }),
      },
    ];
  });
  return files.length === 0 ? {} : { files };
}

/** Whether a key names an image of a reply, and no upload. */
export function isImageKey(key: string): boolean {
  return key.startsWith(mark);
}

/** Undefined: it is not kept any more, or never was in this person's conversation. @throws {FileStoreError} */
export function findImage(
  files: FileStore,
  { place, message, key }: { readonly place: WebPlace; readonly message: MessageId; readonly key: string },
  nowMs: number,
  signal: AbortSignal,
): Promise<StoredFile | undefined> {
  const name = imageLinkName(key.slice(mark.length));
  return files.find({ conversation: keyFor(place), message, name }, nowMs, signal);
}
