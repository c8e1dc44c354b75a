import { connect, createServer } from "node:net";
import { once } from "node:events";

import { describe, expect, test } from "vitest";

import { runBot, startBot } from "../support/bot-process.ts";
import { freePort, redisIsMissing, startRedisServer } from "../support/redis-server.ts";
import { startMarkedModel } from "../support/stages/marked-model.ts";
import { openSlackStage } from "../support/stages/slack-stage.ts";
import { endMark } from "../support/stages/stage.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const patiently = { timeout: 25_000, interval: 20 };

/** A way to Redis that calls `onWrite` after a memory has been stored there, and before the bot hears of it. */
async function wayTo(redisUrl: string, onWrite: () => void): Promise<{ readonly url: string } & Disposable> {
  const { port } = new URL(redisUrl);
  const server = createServer((client) => {
    const upstream = connect(Number(port), "127.0.0.1");
    let isWrite = false;
    client.on("data", (bytes) => {
      isWrite = bytes.toString("latin1").includes("SET\r\n");
      upstream.write(bytes);
    });
    upstream.on("data", (bytes) => {
      if (isWrite) onWrite();
      isWrite = false;
      client.write(bytes);
    });
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on("error", () => other.destroy());
      one.on("close", () => other.destroy());
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const own = typeof address === "object" ? address?.port : undefined;
  return { url: `redis://127.0.0.1:${own}`, [Symbol.dispose]: () => void server.close() };
}

describe.skipIf(redisIsMissing)(`with working memory in Redis ${redisIsMissing ?? ""}`, () => {
  test("a kill between the write of memory and the closing of the inbox loses and doubles nothing", async () => {
    using folder = temporaryFolder();
    await using redis = await startRedisServer();
    await using model = await startMarkedModel();
    await using stage = await openSlackStage("http");
    const settings = { ...stage.settings, ...model.settings, DATA_DIR: folder.path };
    const room = stage.openRoom("ada");
    {
      const written = Promise.withResolvers<void>();
      let pid = 0;
      using way = await wayTo(redis.url, () => {
        process.kill(pid, "SIGKILL");
        written.resolve();
      });
      await using bot = await startBot({ ...settings, REDIS_URL: way.url });
      pid = bot.pid;
      await stage.connect(bot);
      await room.say("remember the lighthouse");
      await written.promise;
      await bot.kill();
    }
    await using bot = await startBot({ ...settings, REDIS_URL: redis.url });
    await stage.connect(bot);
    await expect.poll(() => bot.log.some((line) => line["msg"] === "turn finished"), patiently).toBe(true);
    expect(room.answers()).toEqual([expect.stringContaining(endMark)]);
    await room.say("what did I say?");
    await expect.poll(room.answers, patiently).toHaveLength(2);
    await expect.poll(() => room.answers()[1], patiently).toContain(endMark);
    const prompt = model.requests.at(-1)?.messages.map(({ text }) => text) ?? [];
    expect(prompt).toHaveLength(3);
    expect(prompt[0]).toMatch(/remember the lighthouse$/u);
  });

  test("Redis going away in the middle costs no message: the thread says so once, and is answered when it is back", async () => {
    using folder = temporaryFolder();
    await using redis = await startRedisServer();
    await using model = await startMarkedModel();
    await using stage = await openSlackStage("http");
    await using bot = await startBot({
      ...stage.settings,
      ...model.settings,
      DATA_DIR: folder.path,
      REDIS_URL: redis.url,
    });
    await stage.connect(bot);
    const room = stage.openRoom("ada");
    await room.say("the code is 4711");
    await expect.poll(() => bot.log.some((line) => line["msg"] === "turn finished"), patiently).toBe(true);
    await redis.kill();
    await room.say("which code?");
    await expect
      .poll(() => room.answers()[1], patiently)
      .toMatch(/can't reach my memory right now.*Reference: \w+/u);
    const readyz = await fetch(`${bot.url}/readyz`);
    expect(readyz.status).toBe(503);
    expect(await readyz.json()).toMatchObject({
      parts: { store: { ok: false, why: "Redis can't be reached" } },
    });
    expect(model.requests).toHaveLength(1);
    await redis.start();
    await expect
      .poll(room.answers, patiently)
      .toEqual([
        expect.stringContaining("the code is 4711"),
        expect.stringContaining(`which code? ${endMark}`),
      ]);
    expect(model.requests.at(-1)?.messages[0]?.text).toMatch(/the code is 4711$/u);
  });

  test("a Redis that is not there at the start is named, without the password", async () => {
    using folder = temporaryFolder();
    const port = await freePort();
    const { code, stderr } = await runBot({
      DATA_DIR: folder.path,
      REDIS_URL: `redis://:hunter2@127.0.0.1:${port}`,
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^REDIS_URL: can't reach Redis at 127\.0\.0\.1:\d+ within 5 s/u);
    expect(stderr).not.toContain("hunter2");
  });
});
