import { ModelError } from "../../../ports/model.ts";
import type { LoadingNotice } from "./loading-notice.ts";
import type { Interpreter, ModelCall, StreamingApi, StreamStep } from "../api/model-call.ts";
import { readEvents, type Received } from "./read-events.ts";
import type { Watchdog } from "./watchdog.ts";

/** After its end event a stream has this long to send its usage and to close. */
const maxTailMs = 1_000;

interface Stream {
  readonly api: StreamingApi;
  readonly call: ModelCall;
  readonly interpreter: Interpreter;
  readonly watchdog: Watchdog;
  readonly notice: LoadingNotice;
}

/**
 * The steps of one stream, up to its end. Yields "late" before the first step when that takes long.
 * @throws {ModelError}, or the signal's reason.
 */
export async function* stepsOf(stream: Stream): AsyncGenerator<StreamStep | "late"> {
  const { api, call, interpreter, watchdog, notice } = stream;
  let events: AsyncGenerator<Received> | undefined;
  try {
    const opening = watchdog.guard(() => api.open(call, watchdog.signal));
    const received = readEvents(yield* notice.watch(opening), watchdog.alive);
    events = received;
    let first: IteratorResult<Received, unknown> | undefined = yield* notice.watch(
      watchdog.guard(() => received.next()),
    );
    for (let isClosed = false; ;) {
      const next: IteratorResult<Received, unknown> =
        first ?? (await (isClosed ? nextOfTail(received, watchdog) : watchdog.guard(() => received.next())));
      first = undefined;
      if (next.done === true) return;
      if (next.value === "done" && isClosed) continue;
      const step: StreamStep =
        next.value === "done" ? interpreter.close() : interpreter.read(next.value.json);
      isClosed ||= step.end !== undefined;
      yield step;
    }
  } finally {
    // Frees the connection of a stream that was not read to its end.
    watchdog.giveUp();
    void events?.return(undefined).catch(() => undefined);
  }
}

/** The answer is complete: a failure from here on loses only the usage. */
async function nextOfTail(
  events: AsyncGenerator<Received>,
  watchdog: Watchdog,
): Promise<IteratorResult<Received, unknown>> {
  try {
    return await watchdog.guard(() => events.next(), maxTailMs);
  } catch (error) {
    if (error instanceof ModelError) return { done: true, value: undefined };
    throw error;
  }
}
