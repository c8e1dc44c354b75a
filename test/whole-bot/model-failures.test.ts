import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { withoutTimes } from "../support/texts/without-times.ts";
import { startBot, type BotSettings } from "../support/bot-process.ts";
import { startOpenAiStandIn } from "../support/openai/openai-stand-in.ts";
import {
  answersError,
  isOutOfQuota,
  rateLimits,
  says,
  streams,
  type Script,
} from "../support/openai/script.ts";
import { openSlackStage } from "../support/stages/slack-stage.ts";
import type { Room } from "../support/stages/stage.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const patiently = { timeout: 60_000, interval: 20 };
const line = /can't reach my language model right now\. I'll answer here as soon as it's back/u;
const outages: readonly (readonly [string, Script])[] = [
  ["is down", answersError(503, null)],
  ["falls silent", streams([{ say: "Well" }], "stall")],
  ["is cut off", streams([{ say: "Well" }], "cut-inside-character")],
  ["ends without its closing event", streams([{ say: "Well" }], "unclosed")],
];
const failures: readonly (readonly [string, Script, RegExp])[] = [
  ["asks for more patience than an answer is worth", rateLimits(7_200), /busy right now/u],
  ["is out of credit", isOutOfQuota(), /run out of credit/u],
  ["refuses the key", answersError(401, "invalid_api_key"), /rejects my key/u],
  ["does not exist", answersError(404, "model_not_found"), /no longer available/u],
  ["finds the conversation too long", answersError(400, "context_length_exceeded"), /grown too long/u],
  ["declines", streams([{ refuse: "No." }], "complete"), /declined to answer/u],
  ["says nothing", streams([], "max-output-tokens"), /gave an empty answer/u],
];

/** Slack over HTTP, and the bot with a model that does what the script says. */
async function openScene(script: Script, settings: BotSettings) {
  const opened = new AsyncDisposableStack();
  const folder = opened.use(temporaryFolder());
  const openai = opened.use(await startOpenAiStandIn({ respond: () => script }));
  const stage = opened.use(await openSlackStage("http"));
  const bot = opened.use(
    await startBot({
      ...stage.settings,
      OPENAI_BASE_URL: openai.baseUrl,
      OPENAI_API_KEY: openai.apiKey,
      DATA_DIR: folder.path,
      ...settings,
    }),
  );
  await stage.connect(bot);
  return { openai, stage, bot, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

type Scene = Awaited<ReturnType<typeof openScene>>;

describe("when the model", () => {
  /** Each test ends with a model that answers, and has a room of its own. */
  let scene: Scene;
  let rooms = 0;
  beforeAll(async () => {
    scene = await openScene(says("Nothing was to be asked yet"), { MODEL_IDLE_MS: "2000" });
  });
  afterAll(() => scene[Symbol.asyncDispose]());
  const openRoom = (script: Script): Room => {
    scene.openai.answerWith(() => script);
    return scene.stage.openRoom(`person${(rooms += 1)}`);
  };

  test.each(outages)(
    "%s, one line stands in place of the answer, and the answer follows by itself afterwards",
    async (_name, script) => {
      const { openai, bot } = scene;
      const room = openRoom(script);
      await room.say("a question");
      await expect.poll(room.answers, patiently).toEqual([expect.stringMatching(line)]);
      const reference = /\(Reference: (?<it>\w+)\)/u.exec(room.answers()[0] ?? "")?.groups?.["it"];
      expect(
        bot.log.filter((each) => each["reference"] === reference && each["level"] === "error"),
      ).toHaveLength(1);

      openai.answerWith(() => says("I am back."));
      await expect.poll(room.answers, patiently).toEqual(["I am back."]);
    },
  );

  test("asks for patience, the next message does not wait for it, and one answer covers both", async () => {
    const { openai } = scene;
    const room = openRoom(rateLimits(600));
    await room.say("a question");
    await expect.poll(room.answers, patiently).toEqual([expect.stringMatching(line)]);
    openai.answerWith(() => says("I am back."));
    await room.say("and now?");
    await expect.poll(room.answers, patiently).toEqual(["I am back."]);
    expect(openai.requests.at(-1)?.messages.map(({ text }) => withoutTimes(text))).toEqual([
      expect.stringMatching(/: a question$/u),
      expect.stringMatching(/: and now\?$/u),
    ]);
  });

  test.each(failures)(
    "%s, the person gets one friendly line whose reference is in the log",
    async (_name, script, notice) => {
      const { openai, bot } = scene;
      const room = openRoom(script);
      await room.say("a question");
      await expect.poll(() => room.answers()[0], patiently).toMatch(notice);
      expect(room.answers()).toHaveLength(1);
      const reference = /\(Reference: (?<it>\w+)\)/u.exec(room.answers()[0] ?? "")?.groups?.["it"];
      expect(
        bot.log.filter((each) => each["reference"] === reference && each["level"] === "error"),
      ).toHaveLength(1);

      openai.answerWith(() => says("I am back."));
      await room.say("and now?");
      await expect.poll(room.answers, patiently).toEqual([expect.stringMatching(notice), "I am back."]);
      // The person's question is remembered; the apology is nothing that the model said.
      expect(openai.requests.at(-1)?.messages.map(({ text }) => withoutTimes(text))).toEqual([
        expect.stringMatching(/: a question$/u),
        expect.stringMatching(/: and now\?$/u),
      ]);
    },
  );
});

describe("when the model", () => {
  test("is unavailable for too long, the person is asked to try again", async () => {
    await using scene = await openScene(answersError(503, null), { CATCH_UP_MAX_AGE_MS: "15000" });
    const room = scene.stage.openRoom("ada");
    await room.say("a question");
    await expect.poll(room.answers, patiently).toEqual([expect.stringMatching(line)]);
    await expect
      .poll(room.answers, patiently)
      .toEqual([expect.stringMatching(/Please try again in a few minutes/u)]);
  });

  test("reaches its length limit, the answer says so and is kept", async () => {
    const script = streams([{ say: "The first half" }], "max-output-tokens");
    await using scene = await openScene(script, { OPENAI_API: "chat" });
    const room = scene.stage.openRoom("ada");
    await room.say("everything, please");
    await expect
      .poll(() => room.answers()[0], patiently)
      .toMatch(/^The first half\s+\*\(I reached my length limit/u);
  });
});
