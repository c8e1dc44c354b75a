import { maxImageBytes, type ImageFacts } from "../../domain/image.ts";
import type { Attachment } from "../../domain/message.ts";
import type { WhyUnread } from "../../domain/unread-file.ts";
import type { FilesOfTurn } from "./files-of-turn.ts";
import type { FileOfMessage } from "./read-file.ts";

/** A file that was found to be an image. */
export type ImageFile = Attachment & { readonly image: ImageFacts };

/** How the bytes of an image begin. */
const beginnings: Readonly<Record<ImageFacts["mediaType"], string>> = {
  "image/png": "\x89PNG\r\n\x1a\n",
  "image/jpeg": "\xff\xd8\xff",
  "image/gif": "GIF8",
  "image/webp": "RIFF",
};

export function isImage(file: Attachment): file is ImageFile {
  return file.image !== undefined;
}

/** The bytes of an image that was read before, or why they can't be read now. @throws the reason of the turn's signal. */
export async function readImage(
  files: FilesOfTurn,
  message: FileOfMessage["message"],
  { ref, image: { mediaType } }: ImageFile,
): Promise<Uint8Array<ArrayBuffer> | WhyUnread> {
  if (ref === undefined) return "unavailable";
  if (!files.take()) return "too-many";
  try {
    const bytes = await files.read(message, ref);
    if (bytes === undefined) return "unavailable";
    if (bytes.length > maxImageBytes) return "too-large";
    // What the platform sends for it may be another content by now. A provider refuses a whole request for it.
    const beginning = beginnings[mediaType];
    const isSame = Buffer.from(bytes.subarray(0, beginning.length)).toString("latin1") === beginning;
    return isSame ? bytes : "broken";
  } catch (error) {
    return files.whyNot(error);
  }
}
