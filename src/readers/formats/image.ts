import { imageSize } from "../../domain/image-bytes.ts";
import { maxImageBytes } from "../../domain/image.ts";
import type { ImageInFile } from "../../ports/file-reader.ts";
import { maxPixels, maxPixelsOfSide } from "../text/limits.ts";
import { Unreadable } from "../text/unreadable.ts";

/**
 * Finds the size of an image, and checks that its end is there. A model's server refuses a whole request for a broken image.
 * @throws {Unreadable}
 */
export function readImage(bytes: Buffer, mediaType: ImageInFile["mediaType"]): ImageInFile {
  const size = imageSize(bytes, mediaType);
  if (size === undefined) throw new Unreadable("broken");
  const { width, height } = size;
  const hasManyPixels = width * height > maxPixels || Math.max(width, height) > maxPixelsOfSide;
  if (hasManyPixels || bytes.length > maxImageBytes) throw new Unreadable("too-large");
  return { kind: "image", mediaType, ...size };
}
