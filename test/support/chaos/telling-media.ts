import { setTimeout } from "node:timers/promises";

import { pngFile } from "../files/image-files.ts";
import type { ImageRequest, ImageScript, TranscriptionRequest } from "../openai/media-requests.ts";
import type { ModelRequest } from "../openai/model-request.ts";
import type { OpenAiStandIn } from "../openai/openai-stand-in.ts";
import { calls, streams, type StreamScript } from "../openai/script.ts";
import type { Random } from "./random.ts";
import { fileWordsIn, wordOf, type Spoken } from "./speech.ts";

const longestWorkMs = 1_500;
const ordersToDraw = /\bdraw (?<word>w\d+x\d+)/gu;

/** Models that hear, see and draw. */
export const mediaSettings = {
  OPENAI_AUDIO_MODEL: "gpt-transcribe",
  OPENAI_IMAGE_MODEL: "gpt-image-2.6-flare",
} as const;

/** Whether an image is to be described for later. */
export function isDescription({ messages }: ModelRequest): boolean {
  return messages.at(-1)?.text.includes("Describe it now.") === true;
}

/** The words that images hold. */
export function shownWordsIn({ images }: ModelRequest): readonly string[] {
  return images.flatMap(({ bytes }) => fileWordsIn(bytes.toString("latin1")));
}

/** Slow, so that a bot may die meanwhile. */
export function describeShown(request: ModelRequest, luck: Random): StreamScript {
  return streams(
    [{ waitMs: luck.between(0, longestWorkMs) }, { say: `It shows ${shownWordsIn(request).join(" and ")}.` }],
    "complete",
  );
}

/** A call of the tool for an image that one of the newest messages asks for. Undefined: none does, or all are made. */
export function drawWhenAsked({ messages, results }: ModelRequest): StreamScript | undefined {
  const newest = messages.slice(messages.findLastIndex(({ role }) => role === "assistant") + 1);
  const words = newest.flatMap(({ text }) =>
    Array.from(text.matchAll(ordersToDraw), ({ groups }) => groups?.["word"]),
  );
  const word = words[results.length];
  return word === undefined ? undefined : calls("make_image", { description: `A sign with ${word}` });
}

/** Recordings say the word that their bytes hold, and images hold the words of their description. Both take time. */
export function hearAndDraw({ transcribeWith, makeImagesWith }: OpenAiStandIn, luck: Random): void {
  transcribeWith(async ({ file }: TranscriptionRequest) => {
    await setTimeout(luck.between(0, longestWorkMs));
    return {
      kind: "transcript",
      text: `The word is ${fileWordsIn(file.bytes.toString("latin1")).join(" ")}`,
    };
  });
  makeImagesWith(async ({ body: { prompt } }: ImageRequest): Promise<ImageScript> => {
    await setTimeout(luck.between(0, longestWorkMs));
    return { kind: "image", bytes: pngFile(64, 48, fileWordsIn(prompt).join(" ")) };
  });
}

/** The words of the images that came with these messages. */
export function shownWithIn(request: ModelRequest, asks: readonly Spoken[]): readonly string[] {
  const asked = new Set(asks.map(wordOf));
  return shownWordsIn(request).filter((word) => asked.has(word));
}
