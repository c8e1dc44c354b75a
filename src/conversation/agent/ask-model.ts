import { inlineToolResults } from "../../domain/inline-tool-results.ts";
import type { AnsweredCall, Prompt, ToolCall } from "../../domain/prompt.ts";
import { ModelError, addUsage, type Model, type Usage } from "../../ports/model.ts";

/** A whole answer. */
export interface Answer {
  readonly text: string;
  /** Of all calls of the model together. Missing when the provider gave none. */
  readonly usage?: Usage;
}

/** What happens while the model answers. */
export interface AnswerCallbacks {
  /** Without white space at the beginning. */
  readonly onGrowth?: (textSoFar: string) => void;
  /** The model may be loading; nothing has grown yet. */
  readonly onLoading?: () => void;
  /** Carries out what the model calls; gives what it is told. Missing: the prompt has no tools. */
  readonly onCall?: (call: ToolCall) => Promise<string>;
}

const cutMark = "\n\n*(I reached my length limit here. Ask me to go on.)*";
/** Far beyond what any of our prompts asks for; a server that does not stop is not read on. */
const maxAnswerChars = 200_000;
/** Of one round. The others are told that it is enough: each is a search. */
const maxCallsAtOnce = 8;
/** How often the model may call something before it has to answer. */
const maxRounds = 3;
const noMoreCalls = "Nothing more can be looked up for this answer. Answer now with what you have.";

/**
 * Asks the model, carries out what it calls, and hands on the text so far, whenever there is more of it. A stream that
 * breaks off is asked for a second time, from its beginning; what breaks before the first piece, the model has tried
 * again by itself. @throws {ModelError}, or the signal's reason.
 */
export async function askModel(
  model: Pick<Model, "answer">,
  prompt: Prompt,
  asking: AnswerCallbacks,
  signal: AbortSignal,
): Promise<Answer> {
  let text = "";
  let usage: Usage | undefined;
  const calls: AnsweredCall[] = [];
  for (let round = 0; ; round += 1) {
    const before = text;
    const beginning = joinParagraphs(before, "");
    const hearing = { ...asking, onGrowth: (more: string): void => asking.onGrowth?.(beginning + more) };
    const asked = calls.length === 0 ? prompt : { ...prompt, calls: [...calls] };
    // Who has looked up noMoreCalls has nothing more to call, and can only answer.
    const isLast = round === maxRounds;
    const output = await readWithRetry(
      model,
      isLast ? inlineToolResults(asked) : asked,
      hearing,
      signal,
    ).catch((error: unknown) => {
      throw isLast && error instanceof ModelError && error.kind === "empty" ? onlyCallsError(error) : error;
    });
    text = joinParagraphs(before, output.text);
    usage = addUsage(usage, output.usage);
    if (output.calls.length === 0) return toAnswer(output.isCut ? text.trimEnd() + cutMark : text, usage);
    if (isLast) throw onlyCallsError(output);
    for (const [index, call] of output.calls.entries()) {
      const isTaken = index < maxCallsAtOnce;
      const result = isTaken ? ((await asking.onCall?.(call)) ?? noMoreCalls) : noMoreCalls;
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
  hearing: AnswerReader,
  signal: AbortSignal,
): Promise<Output> {
  let hasText = false;
  const onGrowth = (textSoFar: string): void => {
    hasText = true;
    hearing.onGrowth(textSoFar);
  };
  try {
    return await readOutput(model, prompt, { ...hearing, onGrowth }, signal);
  } catch (error) {
    if (!(error instanceof ModelError) || signal.aborted) throw error;
    const isBroken = error.kind === "stalled" || (error.kind === "cut-off" && hasText);
    if (!isBroken) throw error;
    return readOutput(model, prompt, hearing, signal);
  }
}

/** Never between the two halves of a surrogate pair. */
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
  // From the first visible character on. It is only added to: to look at it with each piece would cost its square.
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
