import type { ModelOutput } from "../../../ports/model.ts";
import { PassingModelError } from "../failure/failure.ts";
import type { Habits } from "../server/habits.ts";
import { Lateness } from "./lateness.ts";
import type { ModelCall, StreamingApi } from "../api/model-call.ts";
import { Outputs } from "./outputs.ts";
import { Speech } from "./speech.ts";
import { stepsOf } from "./stream-steps.ts";
import { Watchdog, type Patience } from "./watchdog.ts";

/** How a model is asked and read. */
export interface Reading {
  readonly api: StreamingApi;
  readonly patience: Patience;
  /** After so long without any event it is told that the model is loading. Missing: it never is. */
  readonly lateMs?: number | undefined;
  readonly habits: Habits;
}

/** Asks once and reads the answer. @throws {ModelError}, or the signal's reason. */
export async function* readStream(
  { api, patience, lateMs, habits }: Reading,
  call: ModelCall,
  signal: AbortSignal,
): AsyncGenerator<ModelOutput> {
  const speech = new Speech({ api, habits, tools: call.prompt.tools ?? [] });
  const outputs = new Outputs();
  const interpreter = api.interpreter();
  using lateness = new Lateness(lateMs);
  using watchdog = new Watchdog(patience, signal);
  for await (const heard of stepsOf({ api, call, interpreter, watchdog, lateness })) {
    if (heard === "late") {
      yield { kind: "loading" };
      continue;
    }
    const step = speech.read(heard);
    if (step.isBusy === true || (step.text ?? "").trim() !== "") watchdog.begin();
    yield* outputs.of(step);
  }
  if (outputs.isEnded) habits.marksEnd = true;
  else if (outputs.isVisible && mayEndSo(api, habits)) yield* outputs.of(speech.read(interpreter.close()));
  else throw new PassingModelError("cut-off", "The stream ended without its closing event");
  yield outputs.last();
}

/** Whether a stream that only closes is over: where none has ever marked its end, and this is not the first. */
function mayEndSo({ mayOnlyClose }: StreamingApi, habits: Habits): boolean {
  if (mayOnlyClose !== true || habits.marksEnd === true) return false;
  const isFirst = habits.marksEnd === undefined;
  habits.marksEnd = false;
  return !isFirst;
}
