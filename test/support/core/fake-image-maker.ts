import type { ImageMaker, MadeImage } from "../../../src/ports/image-maker.ts";

/** The bytes of the image that is made from a description. */
export function imageBytes(prompt: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`the image of ${prompt}`);
}

/** A maker that notes what it is asked for. `answer`: throws or waits where a test wants that. */
export class FakeImageMaker implements ImageMaker {
  readonly name = "fake-image";
  readonly prompts: string[] = [];
  answer: (prompt: string, signal: AbortSignal) => Promise<void> | void = () => undefined;

  readonly make: ImageMaker["make"] = async ({ prompt }, signal): Promise<MadeImage> => {
    this.prompts.push(prompt);
    await this.answer(prompt, signal);
    const bytes = imageBytes(prompt);
    const usage = { promptTokens: 10, replyTokens: 1_000 };
    return { bytes, mediaType: "image/png", width: 1_024, height: 1_024, usage };
  };
}
