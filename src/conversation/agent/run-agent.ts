import { JoinedSignal } from "../../async/joined-signal.ts";
import type { AnswerLimits } from "../../domain/answer-limits.ts";
import { markCut } from "../../domain/cut-answer.ts";
import { inlineToolResults } from "../../domain/inline-tool-results.ts";
import type { Prompt } from "../../domain/prompt.ts";
import { answeredCalls, filesMadeIn, openRequest, type ToolRound } from "../../domain/tool-round.ts";
import { addUsage, type Usage } from "../../domain/token-usage.ts";
import { ModelError, type Model } from "../../ports/model.ts";
import { startAnswerTime, type AnswerTime } from "./answer-time.ts";
import { readResponse, type Reading, type ModelResponse } from "./read-response.ts";
import { finishCalls, type CallEvent } from "./finish-calls.ts";
import { captionOf } from "../text/made-images.ts";
import { joinParagraphs, textOf } from "./round-texts.ts";
import type { Toolkit } from "./run-call.ts";

/** A complete answer. */
export interface Answer {
  readonly text: string;
  /** Total of all model calls. Missing if the provider reports none. */
  readonly usage?: Usage;
}

/** What happens while the model answers. `text`: the answer so far. The last one is `done` or `needs-approval`. */
export type AgentEvent =
  | Exclude<Reading, { readonly kind: "response" }>
  | CallEvent
  | ({ readonly kind: "done" } & Answer);

/** What the agent has to answer, and with what. */
export interface AgentTask {
  readonly prompt: Prompt;
  /** What an earlier attempt at the same answer did. Empty: nothing. */
  readonly rounds: readonly ToolRound[];
  /** Missing: the prompt has no tools. */
  readonly toolkit?: Toolkit;
  readonly limits: AnswerLimits;
}

/** The size of all rounds together, as JSON, beyond which no more tools are called. */
const maxRoundChars = 400_000;

/**
 * Gets one answer from the model: streams the text, runs the tool calls, and asks again with their results until the model
 * answers. The texts of all rounds are joined as paragraphs. It goes on only when the next event is asked for, so what the
 * caller saves on an event is saved before anything else happens. A call that has its result is not repeated.
 *
 * Bounds: the limits; 8 tool calls in a round; after the last one, one call in which the model can only answer; 200,000
 * characters, then the answer is cut with a note. A stream that breaks is repeated once. Time is linear in the text. An answer
 * that is nothing but images says what they show.
 *
 * @throws {ModelError} "empty" for no visible text, "only-calls" if the model never answers, "out-of-time", or the
 * adapter's; {StoreError}, {MemoryError} from a tool; else the signal's reason.
 */
export async function* runAgent(
  model: Pick<Model, "answer">,
  { prompt, rounds: done, toolkit, limits }: AgentTask,
  signal: AbortSignal,
): AsyncGenerator<AgentEvent, void> {
  let rounds = done;
  using time = startAnswerTime(limits);
  for (;;) {
    rounds = yield* finishCalls(rounds, toolkit, { signal, ...time });
    if (openRequest(rounds) !== undefined) return;
    const isLast = isLastRound(rounds, limits, time);
    const before = textOf(rounds);
    const asked = rounds.length === 0 ? prompt : { ...prompt, calls: answeredCalls(rounds) };
    let response: ModelResponse = { text: "", isCut: true, calls: [], provider: [], usage: undefined };
    const made = filesMadeIn(rounds);
    const respondNow = made.length === 0 ? respondInTime : respondOrNothing;
    for await (const event of respondNow(model, { asked, before, isLast, time }, signal)) {
      if (event.kind === "response") response = event;
      else yield event;
    }
    if (response.calls.length === 0) {
      const text = joinParagraphs(before, response.text) || captionOf(made);
      const usage = rounds.reduce((sum, round) => addUsage(sum, round.usage), response.usage);
      const reason = time.untilEnd?.aborted === true ? "time" : "length";
      yield { kind: "done", ...toAnswer(response.isCut ? markCut(text, reason) : text, usage) };
      return;
    }
    if (isLast) throw onlyCallsError(response);
    rounds = withResponse(rounds, response);
  }
}

/** Whether the model has to answer now. */
function isLastRound(rounds: readonly ToolRound[], limits: AnswerLimits, time: AnswerTime): boolean {
  const used = rounds.reduce(
    (sum, { usage }) => sum + (usage?.promptTokens ?? 0) + (usage?.replyTokens ?? 0),
    0,
  );
  const isFull = rounds.at(-1)?.calls.length === 0;
  const isSpent = limits.tokens > 0 && used >= limits.tokens;
  return isFull || isSpent || time.untilAnswer?.aborted === true || rounds.length >= limits.rounds;
}

/** Adds a response that calls tools. Its calls are left out if the journal would grow too large with them. */
function withResponse(rounds: readonly ToolRound[], response: ModelResponse): readonly ToolRound[] {
  const { text, usage, provider } = response;
  const calls = response.calls.map((call) => ({ call }));
  const round = { text, calls, provider, ...(usage === undefined ? {} : { usage }) };
  const all = [...rounds, round];
  return JSON.stringify(all).length > maxRoundChars
    ? [...rounds, { ...round, calls: [], provider: [] }]
    : all;
}

interface Request {
  readonly asked: Prompt;
  /** The text of earlier rounds. */
  readonly before: string;
  readonly isLast: boolean;
  readonly time: AnswerTime;
}

/** As `respondInTime`; a response without text, or with nothing but calls in the last round, is empty. */
async function* respondOrNothing(
  model: Pick<Model, "answer">,
  request: Request,
  signal: AbortSignal,
): AsyncGenerator<Reading, void> {
  try {
    yield* respondInTime(model, request, signal);
  } catch (error) {
    const isNothing =
      error instanceof ModelError && ["empty", "only-calls", "out-of-time"].includes(error.kind);
    if (!isNothing) throw error;
    yield { kind: "response", text: "", isCut: false, calls: [], provider: [], usage: error.usage };
  }
}

/** As `respond`; at the end of the time, the response is what was written by then. */
async function* respondInTime(
  model: Pick<Model, "answer">,
  request: Request,
  signal: AbortSignal,
): AsyncGenerator<Reading, void> {
  const { untilEnd } = request.time;
  using limited = untilEnd && new JoinedSignal(signal, untilEnd);
  const beginning = joinParagraphs(request.before, "");
  let text = "";
  try {
    for await (const each of respond(model, request, limited?.signal ?? signal)) {
      if (each.kind === "text") ({ text } = each);
      yield each.kind === "text" ? { kind: "text", text: beginning + text } : each;
    }
  } catch (error) {
    signal.throwIfAborted();
    if (untilEnd?.aborted !== true) throw error;
    if (beginning === "" && text === "")
      throw new ModelError("out-of-time", "The time for the answer was over before it began");
    yield { kind: "response", text, isCut: true, calls: [], provider: [], usage: undefined };
  }
}

/** In the last round, earlier results are given as text and no tools are offered, so the model can only answer. */
async function* respond(
  model: Pick<Model, "answer">,
  { asked, isLast }: Request,
  signal: AbortSignal,
): AsyncGenerator<Reading, void> {
  try {
    yield* readResponse(model, isLast ? inlineToolResults(asked) : asked, signal);
  } catch (error) {
    throw isLast && error instanceof ModelError && error.kind === "empty" ? onlyCallsError(error) : error;
  }
}

function onlyCallsError({ usage }: { readonly usage?: Usage | undefined }): ModelError {
  return new ModelError("only-calls", "The model calls functions and does not answer", { usage });
}

function toAnswer(text: string, usage: Usage | undefined): Answer {
  if (text.trim() === "") throw new ModelError("empty", "The answer has no visible text");
  return { text, ...(usage === undefined ? {} : { usage }) };
}
