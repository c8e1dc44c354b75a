import type { ModelOutput } from "../../../ports/model.ts";
import { PassingModelError } from "../failure/failure.ts";
import type { ServerTraits } from "../server/server-traits.ts";
import { LoadingNotice } from "./loading-notice.ts";
import type { ModelCall, StreamingApi, StreamStep } from "../api/model-call.ts";
import { OutputBuilder } from "./output-builder.ts";
import { VisibleSteps } from "./visible-steps.ts";
import { stepsOf } from "./stream-steps.ts";
import { Watchdog, type Patience } from "./watchdog.ts";

/** How a model is called and its stream is read. */
export interface ReadingOptions {
  readonly api: StreamingApi;
  readonly patience: Patience;
  /** Yields `loading` after this time without events. Missing: never. */
  readonly noticeAfterMs?: number | undefined;
  readonly traits: ServerTraits;
}

/** Calls the model once and reads its answer. @throws {ModelError}, or the signal's reason. */
export async function* readStream(
  { api, patience, noticeAfterMs, traits }: ReadingOptions,
  call: ModelCall,
  signal: AbortSignal,
): AsyncGenerator<ModelOutput> {
  const visible = new VisibleSteps({ api, traits, tools: call.prompt.tools ?? [] });
  const outputs = new OutputBuilder();
  const interpreter = api.interpreter();
  using notice = new LoadingNotice(noticeAfterMs);
  using watchdog = new Watchdog(patience, signal);
  const outputOf = (given: StreamStep): Iterable<ModelOutput> => {
    const step = visible.read(given);
    if (step.isBusy === true || (step.text ?? "").trim() !== "") watchdog.begin();
    return outputs.add(step);
  };
  for await (const steps of stepsOf({ api, call, interpreter, watchdog, notice })) {
    if (steps === "late") yield { kind: "loading" };
    else for (const step of steps) yield* outputOf(step);
  }
  if (outputs.isEnded) traits.marksEnd = true;
  else if (outputs.isVisible && mayEndUnmarked(api, traits))
    yield* outputs.add(visible.read(interpreter.close()));
  else throw new PassingModelError("cut-off", "The stream ended without its closing event");
  yield outputs.finish();
}

/** Whether a stream without an end event is complete: if no stream of this server had one, from the second stream on. */
function mayEndUnmarked({ mayOnlyClose }: StreamingApi, traits: ServerTraits): boolean {
  if (mayOnlyClose !== true || traits.marksEnd === true) return false;
  const isFirst = traits.marksEnd === undefined;
  traits.marksEnd = false;
  return !isFirst;
}
