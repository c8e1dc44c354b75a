import { expect, test } from "vitest";

import type { Prompt } from "../../../src/domain/prompt.ts";
import { ModelError, type ModelOutput } from "../../../src/ports/model.ts";
import { openCoreBench } from "../../support/core/core-bench.ts";
import { FakePlatform } from "../../support/core/fake-platform.ts";
import { said } from "../../support/core/inbounds.ts";
import { ScriptedModel } from "../../support/core/scripted-model.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const patiently = { timeout: 60_000, interval: 5 };
const loadingLine = ["_The model is still loading…_"];

/** Tells that it loads, and goes on when the test lets it. */
function loadingModel(then: (prompt: Prompt, signal: AbortSignal) => AsyncIterable<ModelOutput>) {
  const gate = Promise.withResolvers<void>();
  const scripted = new ScriptedModel();
  const answer = async function* (prompt: Prompt, signal: AbortSignal): AsyncGenerator<ModelOutput> {
    yield { kind: "loading" };
    const stopped = Promise.withResolvers<never>();
    signal.addEventListener("abort", () => stopped.reject(new Error("stopped", { cause: signal.reason })));
    await Promise.race([gate.promise, stopped.promise]);
    yield* then(prompt, signal);
  };
  return { model: Object.assign(scripted, { answer }), goOn: gate.resolve };
}

async function* friday(): AsyncGenerator<ModelOutput> {
  yield { kind: "piece", text: "On Friday." };
  yield { kind: "finished", isCut: false };
}

test("a person who waits for a loading model is told, and then gets the answer in the same post", async () => {
  using folder = temporaryFolder();
  const { model, goOn } = loadingModel(friday);
  const platform = new FakePlatform();
  await using core = await openCoreBench({ dataDir: folder.path, platform, model });
  await core.accept(said("a", "when is the launch?"));
  await expect.poll(() => platform.shown, patiently).toEqual(loadingLine);
  goOn();
  await expect.poll(() => platform.shown, patiently).toEqual(["On Friday."]);
  await core.whenIdle();
  expect(platform.shown).toEqual(["On Friday."]);
});

test("a person who waits too long for it is told that the answer will follow", async () => {
  using folder = temporaryFolder();
  const { model, goOn } = loadingModel(() => {
    throw new ModelError("loading", "The provider sent no word");
  });
  const platform = new FakePlatform();
  await using core = await openCoreBench({ dataDir: folder.path, platform, model });
  await core.accept(said("a", "when is the launch?"));
  await expect.poll(() => platform.shown, patiently).toEqual(loadingLine);
  goOn();
  await expect
    .poll(() => platform.shown, patiently)
    .toEqual([expect.stringMatching(/still loading\. I'll answer here as soon as it's ready\./u)]);
});
