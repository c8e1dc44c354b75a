import { ModelError, type ModelOutput, type Usage } from "../../ports/model.ts";
import { PassingModelError } from "./failure.ts";
import type { Called, ModelCall, StreamingApi, StreamStep } from "./model-call.ts";
import { readEvents, type Received } from "./read-events.ts";
import { Speech, type ThinkingHabit } from "./speech.ts";
import { Watchdog } from "./watchdog.ts";

/** After its closing event a stream has this long for the rest: usage, and the end that frees the connection. */
const longestTailMs = 1_000;
/** White space that stands before anything visible. */
const mostWaitingChars = 1_000_000;

/** How a model is asked and read. */
interface Reading {
  readonly api: StreamingApi;
  readonly idleMs: number;
  readonly habit: ThinkingHabit;
}

/**
 * Asks once and reads the answer. White space at its beginning waits for the first visible text, so that a piece
 * means that there is something to read. @throws {ModelError}, or the signal's reason.
 */
export async function* readStream(
  { api, idleMs, habit }: Reading,
  call: ModelCall,
  signal: AbortSignal,
): AsyncGenerator<ModelOutput> {
  const speech = new Speech({ api, habit, tools: call.prompt.tools ?? [] });
  let end: StreamStep["end"];
  let called: Called | undefined;
  let usage: Usage | undefined;
  let waiting = "";
  let isVisible = false;
  using watchdog = new Watchdog(idleMs, signal);
  for await (const heard of stepsOf(api, call, watchdog)) {
    const step = speech.read(heard);
    if (step.isWithdrawn === true) {
      if (isVisible) yield { kind: "withdrawn" };
      isVisible = false;
      waiting = "";
    }
    end ??= step.end;
    called ??= step.called;
    usage = step.usage ?? usage;
    waiting += step.text ?? "";
    isVisible ||= step.text !== undefined && step.text.trim() !== "";
    if (!isVisible && waiting.length > mostWaitingChars)
      throw new ModelError("empty", "The answer is white space without end");
    if (isVisible && waiting !== "") {
      yield { kind: "piece", text: waiting };
      waiting = "";
    }
  }
  if (end === undefined) throw new PassingModelError("cut-off", "The stream ended without its closing event");
  const cost = usage === undefined ? {} : { usage };
  if (called !== undefined) {
    yield { kind: "called", ...called, ...cost };
    return;
  }
  if (!isVisible) throw new ModelError("empty", "The answer has no visible text", { usage });
  yield { kind: "finished", isCut: end === "cut", ...cost };
}

async function* stepsOf(api: StreamingApi, call: ModelCall, watchdog: Watchdog): AsyncGenerator<StreamStep> {
  const response = await watchdog.guard(() => api.open(call, watchdog.signal));
  const events = readEvents(response, watchdog.alive);
  const interpreter = api.interpreter();
  try {
    for (let isClosed = false; ;) {
      const next: IteratorResult<Received, unknown> = isClosed
        ? await nextOfTail(events, watchdog)
        : await watchdog.guard(() => events.next());
      if (next.done === true) return;
      if (next.value === "done" && isClosed) continue;
      const step: StreamStep =
        next.value === "done" ? interpreter.close() : interpreter.read(next.value.json);
      isClosed ||= step.end !== undefined;
      yield step;
    }
  } finally {
    // Frees the connection of a stream that was not read to its end. What an abort broke can't be closed any more.
    await events.return(undefined).catch(() => undefined);
  }
}

/** The answer is whole: what goes wrong from here on costs nothing but the usage. */
async function nextOfTail(
  events: AsyncGenerator<Received>,
  watchdog: Watchdog,
): Promise<IteratorResult<Received, unknown>> {
  try {
    return await watchdog.guard(() => events.next(), longestTailMs);
  } catch (error) {
    if (error instanceof ModelError) return { done: true, value: undefined };
    throw error;
  }
}
