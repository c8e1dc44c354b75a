import type { Prompt } from "../domain/prompt.ts";
import { ModelError, type Model, type Usage } from "../ports/model.ts";

/** A whole answer. */
export interface Answer {
  readonly text: string;
  readonly usage?: Usage;
}

const cutMark = "\n\n*(My answer reached its length limit here. Ask me to go on.)*";

/**
 * Asks the model and hands on the text so far, whenever there is more of it. A stream that breaks off is asked for a
 * second time, from its beginning; what breaks before the first piece, the model has tried again by itself.
 * @throws {ModelError}, or the signal's reason.
 */
export async function askModel(
  model: Model,
  prompt: Prompt,
  onGrowth: (textSoFar: string) => void,
  signal: AbortSignal,
): Promise<Answer> {
  let hasText = false;
  const onText = (textSoFar: string): void => {
    hasText = true;
    onGrowth(textSoFar);
  };
  try {
    return await readAnswer(model, prompt, onText, signal);
  } catch (error) {
    if (!(error instanceof ModelError) || signal.aborted) throw error;
    const isBroken = error.kind === "stalled" || (error.kind === "cut-off" && hasText);
    if (!isBroken) throw error;
    return readAnswer(model, prompt, onGrowth, signal);
  }
}

async function readAnswer(
  model: Model,
  prompt: Prompt,
  onGrowth: (textSoFar: string) => void,
  signal: AbortSignal,
): Promise<Answer> {
  let text = "";
  for await (const output of model.answer(prompt, signal)) {
    if (output.kind === "piece") {
      text += output.text;
      if (text.trim() !== "") onGrowth(text);
    } else {
      if (text.trim() === "") throw new ModelError("empty", "The answer has no visible text");
      return {
        text: output.isCut ? text.trimEnd() + cutMark : text,
        ...(output.usage === undefined ? {} : { usage: output.usage }),
      };
    }
  }
  throw new ModelError("cut-off", "The stream ended without its closing event");
}
