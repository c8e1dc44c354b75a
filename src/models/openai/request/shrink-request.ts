import { partsOf } from "../../../domain/content.ts";
import type { Prompt } from "../../../domain/prompt.ts";
import { countTokens } from "../../count-tokens.ts";
import type { TooLongError } from "../failure/failure.ts";
import type { AnswerFeatures } from "./answer-features.ts";
import type { LearnedWindow } from "./learned-window.ts";

interface Shrinkable {
  readonly features: AnswerFeatures;
  readonly window: LearnedWindow;
}

interface Refused {
  readonly prompt: Prompt;
  readonly maxTokens: number;
  /** How often its room for the answer was reduced. */
  readonly narrowed: number;
}

/** How often the same prompt is sent again with less room for the answer. */
const maxNarrowings = 3;

/** Makes the next request smaller, if the same prompt may then be accepted. Tells what was taken from it. */
export function shrinkAfter(
  error: TooLongError,
  { features, window }: Shrinkable,
  { prompt, maxTokens, narrowed }: Refused,
): "images" | "room" | undefined {
  const { windowTokens, replyTokens } = error.limits;
  // Without a limit in tokens, there may be too many bytes.
  if ((windowTokens ?? replyTokens) === undefined && features.omitImages()) return "images";
  if (window.learn(error.limits, prompt, maxTokens) && narrowed < maxNarrowings) return "room";
  return omitsLargeImages(features, window) ? "images" : undefined;
}

/** Leaves out images that take more than half of the window: a shorter conversation would not make room for them. */
function omitsLargeImages(features: AnswerFeatures, window: LearnedWindow): boolean {
  const parts = features.prompt.messages.flatMap(({ content }) => partsOf(content));
  const images = parts.filter(({ kind }) => kind === "image");
  return countTokens(images) > window.promptTokens / 2 && features.omitImages();
}
