import type { ModelOutput } from "../../../ports/model.ts";
import { PassingModelError } from "../failure/failure.ts";
import type { ServerTraits } from "../server/server-traits.ts";
import { LoadingNotice } from "./loading-notice.ts";
import type { ModelCall, StreamingApi } from "../api/model-call.ts";
import { OutputBuilder } from "./output-builder.ts";
import { VisibleSteps } from "./visible-steps.ts";
import { stepsOf } from "./stream-steps.ts";
import { Watchdog, type Patience } from "./watchdog.ts";

/** How a model is asked and read. */
export interface ReadingOptions {
  readonly api: StreamingApi;
  readonly patience: Patience;
  /** After so long without any event it is told that the model is loading. Missing: it never is. */
  readonly noticeAfterMs?: number | undefined;
  readonly traits: ServerTraits;
}

/** Asks once and reads the answer. @throws {ModelError}, or the signal's reason. */
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
  for await (const next of stepsOf({ api, call, interpreter, watchdog, notice })) {
    if (next === "late") {
      yield { kind: "loading" };
      continue;
    }
    const step = visible.read(next);
    if (step.isBusy === true || (step.text ?? "").trim() !== "") watchdog.begin();
    yield* outputs.add(step);
  }
  if (outputs.isEnded) traits.marksEnd = true;
  else if (outputs.isVisible && mayEndUnmarked(api, traits))
    yield* outputs.add(visible.read(interpreter.close()));
  else throw new PassingModelError("cut-off", "The stream ended without its closing event");
  yield outputs.finish();
}

/** Whether a stream that only closes is over: where none has ever marked its end, and this is not the first. */
function mayEndUnmarked({ mayOnlyClose }: StreamingApi, traits: ServerTraits): boolean {
  if (mayOnlyClose !== true || traits.marksEnd === true) return false;
  const isFirst = traits.marksEnd === undefined;
  traits.marksEnd = false;
  return !isFirst;
}
