import { maxAnswerChars } from "../../domain/answer-limits.ts";
import type { Prompt, ToolCall } from "../../domain/prompt.ts";
import type { Usage } from "../../domain/token-usage.ts";
import { ModelError, type Model } from "../../ports/model.ts";

/** What the model wrote in one response. */
export interface ModelResponse {
  readonly text: string;
  /** It reached its length limit. */
  readonly isCut: boolean;
  readonly calls: readonly ToolCall[];
  readonly provider: readonly unknown[];
  readonly usage: Usage | undefined;
}

/**
 * What happens while a response is read. `text`: all of it so far, without leading white space. `response` comes once, at
 * the end.
 */
export type Reading =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "loading" }
  | ({ readonly kind: "response" } & ModelResponse);

/** Far beyond any answer we ask for. Guards against a server that never stops. */

/**
 * Reads one response. A stream that breaks after its first piece is read once more from the start: before the first piece,
 * the model adapter has retried already. @throws {ModelError}, or the signal's reason.
 */
export async function* readResponse(
  model: Pick<Model, "answer">,
  prompt: Prompt,
  signal: AbortSignal,
): AsyncGenerator<Reading, void> {
  let hasText = false;
  try {
    for await (const each of readOnce(model, prompt, signal)) {
      hasText ||= each.kind === "text";
      yield each;
    }
    return;
  } catch (error) {
    if (!(error instanceof ModelError) || signal.aborted) throw error;
    const isBroken = error.kind === "stalled" || (error.kind === "cut-off" && hasText);
    if (!isBroken) throw error;
  }
  yield* readOnce(model, prompt, signal);
}

async function* readOnce(
  model: Pick<Model, "answer">,
  prompt: Prompt,
  signal: AbortSignal,
): AsyncGenerator<Reading, void> {
  let text = "";
  // The text from its first visible character on. Trimming the whole text per piece would be quadratic.
  let shown = "";
  for await (const output of model.answer(prompt, signal)) {
    if (output.kind === "piece") {
      text += output.text;
      shown += shown === "" ? output.text.trimStart() : output.text;
      if (text.length > maxAnswerChars) {
        yield { kind: "response", text: truncateWhole(text, maxAnswerChars), isCut: true, ...withoutCalls };
        return;
      }
      if (shown !== "") yield { kind: "text", text: shown };
    } else if (output.kind === "withdrawn") {
      text = "";
      shown = "";
    } else if (output.kind === "loading") {
      yield output;
    } else if (output.kind !== "unseen") {
      const { usage } = output;
      const end = output.kind === "called" ? { ...output, isCut: false } : { ...withoutCalls, ...output };
      yield { ...end, kind: "response", text, usage };
      return;
    }
  }
  throw new ModelError("cut-off", "The stream ended without its closing event");
}

const withoutCalls = { calls: [], provider: [], usage: undefined } as const;

/** Cuts a text without splitting a surrogate pair. */
function truncateWhole(text: string, chars: number): string {
  return text.slice(0, chars).replace(/[\uD800-\uDBFF]$/u, "");
}
