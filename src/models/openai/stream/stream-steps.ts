import { ModelError } from "../../../ports/model.ts";
import type { LoadingNotice } from "./loading-notice.ts";
import type { Interpreter, ModelCall, StreamingApi, StreamStep } from "../api/model-call.ts";
import { readEvents, type Received } from "./read-events.ts";
import type { Watchdog } from "./watchdog.ts";

/** After its end event a stream has this long to send its usage and to close. */
const maxTailMs = 1_000;

type Events = AsyncGenerator<readonly Received[], undefined>;

interface Stream {
  readonly api: StreamingApi;
  readonly call: ModelCall;
  readonly interpreter: Interpreter;
  readonly watchdog: Watchdog;
  readonly notice: LoadingNotice;
}

/**
 * The steps of one stream, up to its end, and in one iterable what arrived together: read each to its end before the next.
 * Yields "late" before the first when that takes long.
 * @throws {ModelError}, or the signal's reason; so do the iterables.
 */
export async function* stepsOf(stream: Stream): AsyncGenerator<Iterable<StreamStep> | "late", undefined> {
  const { api, call, interpreter, watchdog, notice } = stream;
  let events: Events | undefined;
  let isRead = false;
  try {
    const opening = watchdog.guard(() => api.open(call, watchdog.signal));
    const received = readEvents(yield* notice.watch(opening), watchdog.alive);
    events = received;
    const steps = new Steps(interpreter);
    let next = yield* notice.watch(watchdog.guard(() => received.next()));
    while (next.done !== true) {
      yield steps.of(next.value);
      next = await (steps.isClosed ? nextOfTail(received, watchdog) : watchdog.guard(() => received.next()));
    }
    isRead = true;
  } finally {
    // Frees the connection of a stream that was not read to its end.
    if (!isRead) {
      watchdog.giveUp();
      void events?.return(undefined).catch(() => undefined);
    }
  }
}

/** The meaning of one stream's events. */
class Steps {
  readonly #interpreter: Interpreter;
  #isClosed = false;

  constructor(interpreter: Interpreter) {
    this.#interpreter = interpreter;
  }

  /** The answer is complete. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Text that follows text becomes one step: each costs work on its whole way. */
  *of(received: readonly Received[]): Generator<StreamStep, undefined> {
    let text = "";
    try {
      for (const each of received) {
        if (each === "done" && this.#isClosed) continue;
        const step = each === "done" ? this.#interpreter.close() : this.#interpreter.read(each.json);
        this.#isClosed ||= step.end !== undefined;
        if (isOnlyText(step)) {
          text += step.text;
          continue;
        }
        if (text !== "") yield { text };
        text = "";
        yield step;
      }
    } catch (error) {
      // What came before a failure was said.
      if (text !== "") yield { text };
      throw error;
    }
    if (text !== "") yield { text };
  }
}

function isOnlyText(step: StreamStep): step is { readonly text: string } {
  const { text, isBusy, end, called, usage } = step;
  return (
    text !== undefined &&
    isBusy === undefined &&
    end === undefined &&
    called === undefined &&
    usage === undefined
  );
}

/** The answer is complete: a failure from here on loses only the usage. */
async function nextOfTail(
  events: Events,
  watchdog: Watchdog,
): Promise<IteratorResult<readonly Received[], undefined>> {
  try {
    return await watchdog.guard(() => events.next(), maxTailMs);
  } catch (error) {
    if (error instanceof ModelError) return { done: true, value: undefined };
    throw error;
  }
}
