import { randomUUID } from "node:crypto";
import { setImmediate } from "node:timers/promises";

import type { ImagePart } from "../../../domain/content.ts";

/**
 * Newer models take `auto` for the full resolution, with up to 10,000 tokens an image; `high` has a limit that a prompt can
 * plan with. https://developers.openai.com/api/docs/guides/images-vision
 */
export const imageDetail = "high";

/**
 * Holds the places of a request's images while the rest becomes JSON. The images are put in afterwards, one at a time: as part
 * of the JSON, megabytes of base64 would hold up everything else.
 */
export class ImageSlots {
  /** Nothing that people write is equal to it. */
  readonly #mark = randomUUID();
  readonly #images: ImagePart[] = [];

  /** Takes the place of the image's data URL. Call it in the order in which the images stand in the JSON. */
  urlOf(image: ImagePart): string {
    this.#images.push(image);
    return this.#mark;
  }

  /** The JSON with the images in it. A text if there are none. @throws the signal's reason. */
  async fill(json: string, signal: AbortSignal): Promise<string | Uint8Array<ArrayBuffer>> {
    if (this.#images.length === 0) return json;
    const [first = "", ...rest] = json.split(this.#mark);
    const parts = [Buffer.from(first)];
    for (const [index, { mediaType, bytes }] of this.#images.entries()) {
      parts.push(Buffer.from(`data:${mediaType};base64,`), encoded(bytes), Buffer.from(rest[index] ?? ""));
      await setImmediate();
      signal.throwIfAborted();
    }
    return Buffer.concat(parts);
  }
}

function encoded({ buffer, byteOffset, byteLength }: Uint8Array<ArrayBuffer>): Buffer<ArrayBuffer> {
  return Buffer.from(Buffer.from(buffer, byteOffset, byteLength).toString("base64"), "latin1");
}
