import { imageTypes } from "../../../domain/image.ts";
import type { Attachment } from "../../../domain/message.ts";
import type { ShownFile } from "../wire/files.ts";
import { readRef } from "./uploads.ts";

/** The files of a message as pages get them. Missing: it has none. */
export function shownFiles(
  attachments: readonly Attachment[],
  isGone: (ref: string) => boolean = () => false,
): { readonly files?: readonly ShownFile[] } {
  return attachments.length === 0 ? {} : { files: attachments.map((each) => shownFile(each, isGone)) };
}

function shownFile(
  { name, mediaType = "application/octet-stream", sizeBytes: bytes = 0, ref, image }: Attachment,
  isGone: (ref: string) => boolean,
): ShownFile {
  const url = ref === undefined || isGone(ref.id) ? undefined : urlOf(name, mediaType, ref);
  return {
    name,
    mediaType,
    bytes,
    ...(url === undefined ? {} : { url }),
    ...(image === undefined ? {} : { width: image.width, height: image.height }),
  };
}

/** Relative to the page. Undefined: the file was not sent here. */
function urlOf(name: string, mediaType: string, ref: NonNullable<Attachment["ref"]>): string | undefined {
  const sent = readRef(ref);
  if (sent === undefined) return undefined;
  const { place, message, key } = sent;
  const parts = [place.conversation, message.id, key, name.toWellFormed()].map(encodeURIComponent);
  const type = imageTypes.some((each) => each === mediaType) ? `?type=${mediaType}` : "";
  return `chat/files/${parts.join("/")}${type}`;
}
