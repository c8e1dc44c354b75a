import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { withoutTimes } from "../support/texts/without-times.ts";
import { startBot, type BotProcess } from "../support/bot-process.ts";
import { redisIsMissing, startRedisServer, type RedisServer } from "../support/redis-server.ts";
import { openDiscordStage } from "../support/stages/discord-stage.ts";
import { startMarkedModel } from "../support/stages/marked-model.ts";
import { openSlackStage } from "../support/stages/slack-stage.ts";
import { endMark, type Stage } from "../support/stages/stage.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const patiently = { timeout: 60_000, interval: 20 };
const takeOverMs = 15_000;
const atOnceMs = 3_000;
const stages: readonly (readonly [string, () => Promise<Stage> | Stage])[] = [
  ["Slack over HTTP", () => openSlackStage("http")],
  ["Slack in Socket Mode", () => openSlackStage("socket")],
  ["Discord", openDiscordStage],
];

const isFinished = (bot: BotProcess): boolean => bot.log.some((line) => line["msg"] === "turn finished");

describe.skipIf(redisIsMissing)(`two replicas over one Redis ${redisIsMissing ?? ""}`, () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedisServer();
  });
  afterAll(() => redis[Symbol.asyncDispose]());

  async function open(openStage: () => Promise<Stage> | Stage, database: number) {
    const opened = new AsyncDisposableStack();
    const model = opened.use(await startMarkedModel());
    const stage = opened.use(await openStage());
    let longestStartMs = 0;
    const start = async (): Promise<BotProcess> => {
      const askedAtMs = Date.now();
      const folder = opened.use(temporaryFolder());
      const bot = opened.use(
        await startBot({
          ...stage.settings,
          ...model.settings,
          DATA_DIR: folder.path,
          REDIS_URL: `${redis.url}/${database}`,
          SHUTDOWN_MS: "500",
        }),
      );
      longestStartMs = Math.max(longestStartMs, Date.now() - askedAtMs);
      return bot;
    };
    /** What a busy machine adds to a wait for a turn: a start of the program, which is more work than a turn. */
    const moreMs = (): number => longestStartMs;
    return { model, stage, start, moreMs, [Symbol.asyncDispose]: () => opened.disposeAsync() };
  }

  test.each(stages.map(([name, openStage], index) => [name, openStage, index] as const))(
    "finish each answer once on %s, within 15 s after one of them is killed in the middle of it",
    async (_name, openStage, index) => {
      await using scene = await open(openStage, index);
      const { model, stage } = scene;
      const first = await scene.start();
      await stage.connect(first);
      const room = stage.openRoom("ada");
      model.hold();
      await room.say("who finishes this?");
      await expect.poll(() => model.underWay(), patiently).toBe(1);
      const second = await scene.start();
      await stage.connect(second);
      model.letGo();
      const killedAtMs = Date.now();
      await first.kill();
      await expect.poll(() => isFinished(second), patiently).toBe(true);
      expect(Date.now() - killedAtMs).toBeLessThan(takeOverMs + scene.moreMs());
      expect(room.answers()).toEqual([expect.stringContaining(`who finishes this? ${endMark}`)]);
      await room.say("and now?");
      await expect.poll(room.answers, patiently).toHaveLength(2);
      await expect.poll(() => room.answers()[1], patiently).toContain(endMark);
      const prompt = model.requests.at(-1)?.messages.map(({ text }) => withoutTimes(text)) ?? [];
      expect(prompt).toHaveLength(3);
    },
  );

  test("accept no more writes from one that was frozen for longer than its lock", async () => {
    await using scene = await open(() => openSlackStage("http"), 5);
    const { model, stage } = scene;
    const first = await scene.start();
    await stage.connect(first);
    const room = stage.openRoom("ada");
    const letGo = model.holdUntilLetGo();
    await room.say("who finishes this?");
    await expect.poll(() => model.underWay(), patiently).toBe(1);
    const second = await scene.start();
    await stage.connect(second);
    model.letGo();
    process.kill(first.pid, "SIGSTOP");
    await expect.poll(() => isFinished(second), patiently).toBe(true);
    const answers = room.answers();
    expect(answers).toEqual([expect.stringContaining(`who finishes this? ${endMark}`)]);
    process.kill(first.pid, "SIGCONT");
    letGo();
    await expect.poll(() => model.underWay(), patiently).toBe(0);
    await room.say("still there?");
    await expect.poll(() => room.answers()[1], patiently).toContain(endMark);
    expect(room.answers()[0]).toBe(answers[0]);
    expect(isFinished(first) && isFinished(second) ? room.answers().length : 2).toBe(2);
  });

  test("stop an answer that one writes when the command reaches the other", async () => {
    await using scene = await open(() => openSlackStage("http"), 6);
    const { model, stage } = scene;
    const first = await scene.start();
    await stage.connect(first);
    const room = stage.openRoom("ada");
    model.hold();
    await room.say("a long story");
    await expect.poll(() => model.underWay(), patiently).toBe(1);
    const second = await scene.start();
    await stage.connect(second);
    await room.say("@bot reset");
    await expect.poll(() => model.underWay(), patiently).toBe(0);
    model.letGo();
    await room.say("hello again");
    await expect.poll(() => room.answers().at(-1), patiently).toContain(`hello again ${endMark}`);
    expect(model.requests.at(-1)?.messages).toHaveLength(1);
  });

  test("hand over each turn of the one that shuts down, and the other finishes it at once", async () => {
    await using scene = await open(() => openSlackStage("socket"), 7);
    const { model, stage } = scene;
    const first = await scene.start();
    const room = stage.openRoom("ada");
    model.hold();
    await room.say("who finishes this?");
    await expect.poll(() => model.underWay(), patiently).toBe(1);
    const second = await scene.start();
    model.letGo();
    expect(await first.stop()).toBe(0);
    const stoppedAtMs = Date.now();
    await expect.poll(() => isFinished(second), patiently).toBe(true);
    expect(Date.now() - stoppedAtMs).toBeLessThan(atOnceMs + scene.moreMs());
    expect(room.answers()).toEqual([expect.stringContaining(`who finishes this? ${endMark}`)]);
  });
});
