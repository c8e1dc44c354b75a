import type { ImageFacts } from "../domain/image.ts";
import type { Usage } from "../domain/token-usage.ts";

/** An image that a model made, recognised by its content. */
export interface MadeImage extends ImageFacts {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Missing: the provider counts no tokens. */
  readonly usage?: Usage;
}

/** What an image is to show. */
export interface ImageOrder {
  readonly prompt: string;
}

/** A model that makes images. */
export interface ImageMaker {
  readonly name: string;
  /**
   * Tries a few times by itself, within its deadline, and only while nothing can have been billed. Kind `refused`: the
   * provider's rules forbid the image. @throws {ModelError}, or the signal's reason.
   */
  readonly make: (order: ImageOrder, signal: AbortSignal) => Promise<MadeImage>;
}
