import { randomUUID } from "node:crypto";
import { setImmediate } from "node:timers/promises";

import type { ImagePart } from "../../../domain/content.ts";

/**
 * Newer models take `auto` for the full resolution, with up to 10,000 tokens an image; `high` has a limit that a prompt can
 * plan with. https://developers.openai.com/api/docs/guides/images-vision
 */
export const imageDetail = "high";

/**
 * Holds the places of a request's images while the rest becomes JSON. The images are put in afterwards, in steps: as part of
 * the JSON, megabytes of base64 would hold up everything else.
 */
export class ImageSlots {
  /** Nothing that people write is equal to it. Missing: no image has a place yet. */
  #mark: string | undefined;
  readonly #images: ImagePart[] = [];

  /** Takes the place of the image's data URL. Call it in the order in which the images stand in the JSON. */
  urlOf(image: ImagePart): string {
    this.#images.push(image);
    this.#mark ??= randomUUID();
    return this.#mark;
  }

  /** The JSON with the images in it. A text if there are none. @throws the signal's reason. */
  fill(json: string, signal: AbortSignal): string | Promise<Uint8Array<ArrayBuffer>> {
    return this.#mark === undefined ? json : this.#fill(json.split(this.#mark), signal);
  }

  async #fill(
    [first = "", ...rest]: readonly string[],
    signal: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const heads = this.#images.map(({ mediaType }) => `data:${mediaType};base64,`);
    const texts = [first, ...rest].map((text, index) => text + (heads[index] ?? ""));
    const filled = Buffer.allocUnsafe(sizeOf(texts, this.#images));
    let at = 0;
    for (const [index, text] of texts.entries()) {
      at += filled.write(text, at);
      const image = this.#images[index];
      if (image !== undefined) at = await writeEncoded(image, { filled, at, signal });
    }
    return filled;
  }
}

/** So many bytes are encoded without a pause; a multiple of three, so that the pieces fit together. */
const stepBytes = 3 * 2 ** 18;

interface Place {
  readonly filled: Buffer;
  readonly at: number;
  readonly signal: AbortSignal;
}

/** Writes an image as base64. Resolves to the place after it. */
async function writeEncoded({ bytes }: ImagePart, { filled, at, signal }: Place): Promise<number> {
  const image = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = at;
  for (let start = 0; start < image.length; start += stepBytes) {
    end += filled.write(image.toString("base64", start, start + stepBytes), end, "latin1");
    await setImmediate();
    signal.throwIfAborted();
  }
  return end;
}

function sizeOf(texts: readonly string[], images: readonly ImagePart[]): number {
  const textBytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  return images.reduce((sum, { bytes }) => sum + 4 * Math.ceil(bytes.byteLength / 3), textBytes);
}
