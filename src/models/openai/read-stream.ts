import { ModelError, type ModelOutput, type Usage } from "../../ports/model.ts";
import { PassingModelError } from "./failure.ts";
import type { Called, ModelCall, StreamingApi, StreamStep } from "./model-call.ts";
import { Watchdog } from "./watchdog.ts";

/** After its closing event a stream has this long for the rest: usage, and the end that frees the connection. */
const longestTailMs = 1_000;
/** White space that stands before anything visible. */
const mostWaitingChars = 1_000_000;

/**
 * Asks once and reads the answer. White space at its beginning waits for the first visible text, so that a piece
 * means that there is something to read. @throws {ModelError}, or the signal's reason.
 */
export async function* readStream<Event>(
  api: StreamingApi<Event>,
  call: ModelCall,
  idleMs: number,
  signal: AbortSignal,
): AsyncGenerator<ModelOutput> {
  let end: StreamStep["end"];
  let called: Called | undefined;
  let usage: Usage | undefined;
  let waiting = "";
  let isVisible = false;
  using watchdog = new Watchdog(idleMs, signal);
  for await (const step of stepsOf(api, call, watchdog)) {
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

async function* stepsOf<Event>(
  api: StreamingApi<Event>,
  call: ModelCall,
  watchdog: Watchdog,
): AsyncGenerator<StreamStep> {
  const stream = await watchdog.guard(() => api.open(call, watchdog.signal));
  const events = stream[Symbol.asyncIterator]();
  const interpret = api.interpreter();
  try {
    for (let isClosed = false; ;) {
      const next = isClosed ? await nextOfTail(events, watchdog) : await watchdog.guard(() => events.next());
      if (next.done === true) return;
      const step = interpret(next.value);
      isClosed ||= step.end !== undefined;
      yield step;
    }
  } finally {
    // Frees the connection of a stream that was not read to its end.
    await events.return?.();
  }
}

/** The answer is whole: what goes wrong from here on costs nothing but the usage. */
async function nextOfTail<Event>(
  events: AsyncIterator<Event>,
  watchdog: Watchdog,
): Promise<IteratorResult<Event>> {
  try {
    return await watchdog.guard(() => events.next(), longestTailMs);
  } catch (error) {
    if (error instanceof ModelError) return { done: true, value: undefined };
    throw error;
  }
}
