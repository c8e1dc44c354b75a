import { inlineToolResults } from "../../domain/inline-tool-results.ts";
import type { AnsweredCall, Prompt, ToolCall } from "../../domain/prompt.ts";
import { addUsage, type Usage } from "../../domain/token-usage.ts";
import { ModelError, type Model } from "../../ports/model.ts";

/** A complete answer. */
export interface Answer {
  readonly text: string;
  /** Total of all model calls. Missing if the provider reports none. */
  readonly usage?: Usage;
}

/** Called while the model answers. */
export interface AnswerCallbacks {
  /** The answer so far, without leading white space. */
  readonly onGrowth?: (textSoFar: string) => void;
  /** The model may still be loading, and has written nothing yet. */
  readonly onLoading?: () => void;
  /** Runs a tool call and resolves to the result for the model. Missing: the prompt has no tools. */
  readonly onCall?: (call: ToolCall) => Promise<string>;
}

const cutMark = "\n\n*(I reached my length limit here. Ask me to go on.)*";
/** Far beyond any answer we ask for. Guards against a server that never stops. */
const maxAnswerChars = 200_000;
/** Tool calls carried out per round, since each is a search. Further ones get a refusal as their result. */
const maxCallsAtOnce = 8;
/** Rounds of tool calls before the model has to answer. */
const maxRounds = 3;
const noMoreCalls = "Nothing more can be looked up for this answer. Answer now with what you have.";

/**
 * Gets one answer from the model: streams the text, runs the tool calls, and asks again with their results until the model
 * answers. The texts of all rounds are joined as paragraphs.
 *
 * Bounds: at most 3 rounds of 8 tool calls, then one call in which the model can only answer; 200,000 characters, then the
 * answer is cut with a note. A stream that breaks after its first piece is repeated once from the start; before the
 * first piece, the model adapter has retried already. So at most 8 model calls per answer. Time is linear in the text.
 *
 * @throws {ModelError} "empty" for no visible text, "only-calls" if the model never answers, or the adapter's; else the
 * signal's reason.
 */
export async function askModel(
  model: Pick<Model, "answer">,
  prompt: Prompt,
  callbacks: AnswerCallbacks,
  signal: AbortSignal,
): Promise<Answer> {
  let text = "";
  let usage: Usage | undefined;
  const calls: AnsweredCall[] = [];
  for (let round = 0; ; round += 1) {
    const before = text;
    const beginning = joinParagraphs(before, "");
    const fromBeginning = {
      ...callbacks,
      onGrowth: (more: string): void => callbacks.onGrowth?.(beginning + more),
    };
    const asked = calls.length === 0 ? prompt : { ...prompt, calls: [...calls] };
    // In the last round, earlier results are given as text and no tools are offered, so the model can only answer.
    const isLast = round === maxRounds;
    const output = await readWithRetry(
      model,
      isLast ? inlineToolResults(asked) : asked,
      fromBeginning,
      signal,
    ).catch((error: unknown) => {
      throw isLast && error instanceof ModelError && error.kind === "empty" ? onlyCallsError(error) : error;
    });
    text = joinParagraphs(before, output.text);
    usage = addUsage(usage, output.usage);
    if (output.calls.length === 0) return toAnswer(output.isCut ? text.trimEnd() + cutMark : text, usage);
    if (isLast) throw onlyCallsError(output);
    for (const [index, call] of output.calls.entries()) {
      const isAllowed = index < maxCallsAtOnce;
      const result = isAllowed ? ((await callbacks.onCall?.(call)) ?? noMoreCalls) : noMoreCalls;
      calls.push({ call, result, ...(index === 0 ? { provider: output.provider } : {}) });
    }
  }
}

function onlyCallsError({ usage }: { readonly usage?: Usage | undefined }): ModelError {
  return new ModelError("only-calls", "The model calls functions and does not answer", { usage });
}

function toAnswer(text: string, usage: Usage | undefined): Answer {
  if (text.trim() === "") throw new ModelError("empty", "The answer has no visible text");
  return { text, ...(usage === undefined ? {} : { usage }) };
}

function joinParagraphs(before: string, more: string): string {
  return before.trim() === "" ? more : `${before.trimEnd()}\n\n${more.trimStart()}`;
}

interface Output {
  readonly text: string;
  readonly isCut: boolean;
  readonly calls: readonly ToolCall[];
  readonly provider: readonly unknown[];
  readonly usage: Usage | undefined;
}

type AnswerReader = Pick<AnswerCallbacks, "onLoading"> & Required<Pick<AnswerCallbacks, "onGrowth">>;

async function readWithRetry(
  model: Pick<Model, "answer">,
  prompt: Prompt,
  callbacks: AnswerReader,
  signal: AbortSignal,
): Promise<Output> {
  let hasText = false;
  const onGrowth = (textSoFar: string): void => {
    hasText = true;
    callbacks.onGrowth(textSoFar);
  };
  try {
    return await readOutput(model, prompt, { ...callbacks, onGrowth }, signal);
  } catch (error) {
    if (!(error instanceof ModelError) || signal.aborted) throw error;
    const isBroken = error.kind === "stalled" || (error.kind === "cut-off" && hasText);
    if (!isBroken) throw error;
    return readOutput(model, prompt, callbacks, signal);
  }
}

/** Cuts a text without splitting a surrogate pair. */
function truncateWhole(text: string, chars: number): string {
  return text.slice(0, chars).replace(/[\uD800-\uDBFF]$/u, "");
}

async function readOutput(
  model: Pick<Model, "answer">,
  prompt: Prompt,
  { onGrowth, onLoading }: AnswerReader,
  signal: AbortSignal,
): Promise<Output> {
  let text = "";
  // The text from its first visible character on. Trimming the whole text per piece would be quadratic.
  let shown = "";
  for await (const output of model.answer(prompt, signal)) {
    if (output.kind === "piece") {
      text += output.text;
      shown += shown === "" ? output.text.trimStart() : output.text;
      if (text.length > maxAnswerChars)
        return {
          text: truncateWhole(text, maxAnswerChars),
          isCut: true,
          calls: [],
          provider: [],
          usage: undefined,
        };
      if (shown !== "") onGrowth(shown);
    } else if (output.kind === "withdrawn") {
      text = "";
      shown = "";
    } else if (output.kind === "loading") {
      onLoading?.();
    } else if (output.kind === "called") {
      return { text, isCut: false, calls: output.calls, provider: output.provider, usage: output.usage };
    } else {
      return { text, isCut: output.isCut, calls: [], provider: [], usage: output.usage };
    }
  }
  throw new ModelError("cut-off", "The stream ended without its closing event");
}
