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
const stages: readonly (readonly [string, readonly (() => Promise<Stage> | Stage)[]])[] = [
  ["Slack over HTTP and on Discord", [() => openSlackStage("http"), openDiscordStage]],
  ["Slack in Socket Mode", [() => openSlackStage("socket")]],
];

const finishedBy = (bot: BotProcess): number =>
  bot.log.filter((line) => line["msg"] === "turn finished").length;

describe.skipIf(redisIsMissing)(`two replicas over one Redis ${redisIsMissing ?? ""}`, () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedisServer();
  });
  afterAll(() => redis[Symbol.asyncDispose]());

  async function open(database: number, ...openStages: readonly (() => Promise<Stage> | Stage)[]) {
    const opened = new AsyncDisposableStack();
    const model = opened.use(await startMarkedModel());
    const opening: Stage[] = [];
    for (const openStage of openStages) opening.push(opened.use(await openStage()));
    let longestStartMs = 0;
    const start = async (): Promise<BotProcess> => {
      const askedAtMs = Date.now();
      const folder = opened.use(temporaryFolder());
      const bot = opened.use(
        await startBot({
          ...Object.assign({}, ...opening.map((stage) => stage.settings)),
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
    const connect = async (bot: BotProcess): Promise<void> => {
      for (const stage of opening) await stage.connect(bot);
    };
    const rooms = opening.map((stage) => stage.openRoom("ada"));
    return { model, rooms, start, connect, moreMs, [Symbol.asyncDispose]: () => opened.disposeAsync() };
  }

  /** On Slack over HTTP. */
  async function openOne(database: number) {
    const scene = await open(database, () => openSlackStage("http"));
    const [room] = scene.rooms;
    if (room === undefined) throw new RangeError("There is no room");
    return { ...scene, room };
  }

  test.each(stages.map(([name, openStages], index) => [name, openStages, index] as const))(
    "finish each answer once on %s, within 15 s after one of them is killed in the middle of it",
    async (_name, openStages, index) => {
      await using scene = await open(index, ...openStages);
      const { model, rooms } = scene;
      const first = await scene.start();
      await scene.connect(first);
      model.hold();
      for (const room of rooms) await room.say("who finishes this?");
      await expect.poll(() => model.underWay(), patiently).toBe(rooms.length);
      const second = await scene.start();
      await scene.connect(second);
      model.letGo();
      const killedAtMs = Date.now();
      await first.kill();
      await expect.poll(() => finishedBy(second), patiently).toBe(rooms.length);
      expect(Date.now() - killedAtMs).toBeLessThan(takeOverMs + scene.moreMs());
      for (const room of rooms) {
        expect(room.answers()).toEqual([expect.stringContaining(`who finishes this? ${endMark}`)]);
        await room.say("and now?");
        await expect.poll(room.answers, patiently).toHaveLength(2);
        await expect.poll(() => room.answers()[1], patiently).toContain(endMark);
        const prompt = model.requests.at(-1)?.messages.map(({ text }) => withoutTimes(text)) ?? [];
        expect(prompt).toHaveLength(3);
      }
    },
  );

  test("accept no more writes from one that was frozen for longer than its lock", async () => {
    await using scene = await openOne(5);
    const { model, room } = scene;
    const first = await scene.start();
    await scene.connect(first);
    const letGo = model.holdUntilLetGo();
    await room.say("who finishes this?");
    await expect.poll(() => model.underWay(), patiently).toBe(1);
    const second = await scene.start();
    await scene.connect(second);
    model.letGo();
    process.kill(first.pid, "SIGSTOP");
    await expect.poll(() => finishedBy(second), patiently).toBe(1);
    const answers = room.answers();
    expect(answers).toEqual([expect.stringContaining(`who finishes this? ${endMark}`)]);
    process.kill(first.pid, "SIGCONT");
    letGo();
    await expect.poll(() => model.underWay(), patiently).toBe(0);
    await room.say("still there?");
    await expect.poll(() => room.answers()[1], patiently).toContain(endMark);
    expect(room.answers()[0]).toBe(answers[0]);
    expect(room.answers()).toHaveLength(2);
  });

  test("hand over each turn of the one that shuts down, which the other finishes at once, and stop each other's answers", async () => {
    await using scene = await openOne(6);
    const { model, room } = scene;
    const first = await scene.start();
    await scene.connect(first);
    model.hold();
    await room.say("who finishes this?");
    await expect.poll(() => model.underWay(), patiently).toBe(1);
    const second = await scene.start();
    await scene.connect(second);
    model.letGo();
    expect(await first.stop()).toBe(0);
    const stoppedAtMs = Date.now();
    await expect.poll(() => finishedBy(second), patiently).toBe(1);
    expect(Date.now() - stoppedAtMs).toBeLessThan(atOnceMs + scene.moreMs());
    expect(room.answers()).toEqual([expect.stringContaining(`who finishes this? ${endMark}`)]);

    model.hold();
    await room.say("a long story");
    await expect.poll(() => model.underWay(), patiently).toBe(1);
    const third = await scene.start();
    await scene.connect(third);
    // The command reaches the one that does not write the answer.
    await room.say("@bot reset");
    await expect.poll(() => model.underWay(), patiently).toBe(0);
    model.letGo();
    await room.say("hello again");
    await expect.poll(() => room.answers().at(-1), patiently).toContain(`hello again ${endMark}`);
    expect(model.requests.at(-1)?.messages).toHaveLength(1);
  });
});
