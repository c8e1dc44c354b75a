import { expect, test } from "vitest";

import { startBot } from "../support/bot-process.ts";
import { startOpenAiStandIn } from "../support/openai/openai-stand-in.ts";
import { says } from "../support/openai/script.ts";
import { openSlackStage } from "../support/stages/slack-stage.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const patiently = { timeout: 60_000, interval: 20 };

test("a loading model is shown in /readyz and to people who wait, and its thoughts are not shown afterwards", async () => {
  using folder = temporaryFolder();
  const loaded = Promise.withResolvers<void>();
  await using openai = await startOpenAiStandIn({
    respond: async () => {
      await loaded.promise;
      return says("<think>Ada is slow.</think>\n\n", "On ", "Friday.");
    },
  });
  await using stage = await openSlackStage("http");
  await using bot = await startBot({
    ...stage.settings,
    OPENAI_BASE_URL: openai.baseUrl,
    OPENAI_API_KEY: openai.apiKey,
    MODEL_IDLE_MS: "2000",
    MODEL_LOAD_MS: "120000",
    DATA_DIR: folder.path,
  });
  const readyz = await fetch(`${bot.url}/readyz`);
  expect(await readyz.json()).toMatchObject({ ready: true, parts: { model: { ok: true, why: "" } } });
  await stage.connect(bot);
  const room = stage.openRoom("ada");
  await room.say("when is the launch?");
  await expect
    .poll(room.answers, patiently)
    .toEqual([expect.stringContaining("The model is still loading…")]);
  loaded.resolve();
  await expect.poll(room.answers, patiently).toEqual(["On Friday."]);
  expect(openai.requests).toHaveLength(1);
});

test("a missing model is reported in the log and in /readyz, which stays ready", async () => {
  using folder = temporaryFolder();
  await using openai = await startOpenAiStandIn({ models: ["another"] });
  await using bot = await startBot({
    OPENAI_BASE_URL: openai.baseUrl,
    OPENAI_API_KEY: openai.apiKey,
    DATA_DIR: folder.path,
  });
  const why = "the model's server does not list gpt-6-luna; check OPENAI_MODEL";
  await expect
    .poll(async () => (await fetch(`${bot.url}/readyz`)).json(), patiently)
    .toMatchObject({ ready: true, parts: { model: { ok: false, why } } });
  expect(bot.log.filter((line) => line["level"] === "warn" && line["why"] === why)).toHaveLength(1);
});
