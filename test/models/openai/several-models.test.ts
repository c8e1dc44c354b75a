import { expect, test } from "vitest";

import { readConfig } from "../../../src/config/config.ts";
import { openModels } from "../../../src/open-models.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import { startOpenAiStandIn } from "../../support/openai/openai-stand-in.ts";
import { says } from "../../support/openai/script.ts";
import { hear } from "./open-model.ts";

test("each name in the settings is one model, and the server is asked for it by that name", async () => {
  await using standIn = await startOpenAiStandIn({
    models: ["gpt-6-luna", "gpt-6-sol"],
    respond: () => says("On Friday."),
  });
  await using opening = new AsyncDisposableStack();
  const config = readConfig({ OPENAI_BASE_URL: standIn.baseUrl, OPENAI_API_KEY: standIn.apiKey });
  const { models } = await openModels(config, new RecordingLog(), opening);
  for (const name of ["gpt-6-luna", "gpt-6-sol", "gpt-6-luna"]) {
    const model = models.named(name);
    expect(model.name).toBe(name);
    expect(models.named(name)).toBe(model);
    await hear(model);
  }
  expect(standIn.requests.map(({ body }) => body.model)).toEqual(["gpt-6-luna", "gpt-6-sol", "gpt-6-luna"]);
});

test("without a server, the demo model stands for every name", async () => {
  await using opening = new AsyncDisposableStack();
  const { models, check } = await openModels(readConfig({}), new RecordingLog(), opening);
  expect(models.named("gpt-6-luna")).toBe(models.named("gpt-6-sol"));
  expect(models.named("gpt-6-luna")).toMatchObject({ name: "demo", isDemo: true });
  expect(check).toBeUndefined();
});
