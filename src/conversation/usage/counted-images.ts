import type { Payer } from "../../domain/prompt.ts";
import type { ImageMaker, MadeImage } from "../../ports/image-maker.ts";
import { ModelError } from "../../ports/model.ts";
import { Bill, charsPerToken, isFree, type BillingPorts } from "./bill.ts";

/** What having images made within the limits needs. */
export interface ImageSpendingPorts extends BillingPorts {
  readonly imageMaker: ImageMaker;
}

/** About what providers count for one image of medium quality. Settled afterwards. */
const tokensOfImage = 1_500;

/**
 * Has one image made. It is charged to the payer before, and refunded if the provider bills nothing. `turns`: 1 if the image
 * is the whole answer; a model that calls for it has counted the turn. @throws {LimitError} before it is made, {ModelError},
 * {StoreError}, or the signal's reason.
 */
export async function makeCountedImage(
  ports: ImageSpendingPorts,
  payer: Payer,
  { prompt, turns }: { readonly prompt: string; readonly turns: number },
  signal: AbortSignal,
): Promise<MadeImage> {
  const tokens = tokensOfImage + Math.ceil(prompt.length / charsPerToken);
  const bill = await Bill.open(ports, payer, { tokens, turns, images: 1 }, signal);
  try {
    const image = await ports.imageMaker.make({ prompt }, signal);
    bill.settle(image.usage, 0);
    return image;
  } catch (error) {
    if (error instanceof ModelError && isFree(error)) bill.refund();
    throw error;
  }
}
