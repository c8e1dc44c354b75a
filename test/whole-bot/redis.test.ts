import { connect, createServer } from "node:net";
import { once } from "node:events";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { withoutTimes } from "../support/texts/without-times.ts";
import { runBot, startBot } from "../support/bot-process.ts";
import { freePort, redisIsMissing, startRedisServer } from "../support/redis-server.ts";
import { makeCertificate, opensslIsMissing } from "../support/certificate.ts";
import { startRedisSentinel } from "../support/redis-sentinel.ts";
import { startMarkedModel } from "../support/stages/marked-model.ts";
import { openSlackStage } from "../support/stages/slack-stage.ts";
import { endMark } from "../support/stages/stage.ts";
import { openWebStage } from "../support/stages/web-stage.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { connectWeb } from "../support/web/web-client.ts";

const patiently = { timeout: 60_000, interval: 20 };

/** A way to Redis that calls `onFinish` when a turn has been finished there, and before the bot hears of it. */
async function wayTo(redisUrl: string, onFinish: () => void): Promise<{ readonly url: string } & Disposable> {
  const { port } = new URL(redisUrl);
  const server = createServer((client) => {
    const upstream = connect(Number(port), "127.0.0.1");
    let isFinish = false;
    client.on("data", (bytes) => {
      // More may follow before the answer comes.
      isFinish ||= bytes.toString("latin1").includes('"speakers":');
      upstream.write(bytes);
    });
    upstream.on("data", (bytes) => {
      if (isFinish) return onFinish();
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

describe.skipIf(redisIsMissing)(`a bot with all its data in Redis ${redisIsMissing ?? ""}`, () => {
  /** Begun before all others: it waits long for a server. Nothing listens on this port. */
  let unreached: ReturnType<typeof runBot>;
  const opened = new DisposableStack();
  beforeAll(() => {
    const folder = opened.use(temporaryFolder());
    unreached = runBot({ DATA_DIR: folder.path, REDIS_URL: "redis://:hunter2@127.0.0.1:9" });
  });
  afterAll(() => opened.dispose());

  test("loses and doubles nothing when it is killed right after the end of a turn", async () => {
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
    await room.say("what did I say?");
    await expect.poll(room.answers, patiently).toHaveLength(2);
    await expect.poll(() => room.answers()[1], patiently).toContain(endMark);
    const prompt = model.requests.at(-1)?.messages.map(({ text }) => withoutTimes(text)) ?? [];
    expect(prompt).toHaveLength(3);
    expect(model.requests).toHaveLength(2);
    expect(prompt[0]).toMatch(/remember the lighthouse$/u);
  });

  test("shows people of the web chat their conversations after Redis lost all data while the bot was off", async () => {
    using folder = temporaryFolder();
    await using redis = await startRedisServer();
    await using emptied = await startRedisServer();
    await using model = await startMarkedModel();
    const settings = { ...model.settings, DATA_DIR: folder.path, LOG_LEVEL: "debug" };
    const say = { type: "say", id: "m1", conversation: "c1", text: "the code is 4711" };
    let cookie = "";
    {
      await using bot = await startBot({ ...settings, REDIS_URL: redis.url });
      await using page = await connectWeb(bot.url);
      ({ cookie } = page);
      page.send(say);
      await page.until("done");
      await expect
        .poll(() => bot.log.some((line) => String(line["msg"]).startsWith("synced")), patiently)
        .toBe(true);
      expect(await bot.stop()).toBe(0);
    }
    await using bot = await startBot({ ...settings, REDIS_URL: emptied.url });
    await using page = await connectWeb(bot.url, { cookie });
    expect((await page.until("welcome")).conversations.map(({ id }) => id)).toEqual(["c1"]);
    page.send({ type: "open", conversation: "c1" });
    expect(JSON.stringify(await page.until("history"))).toContain("the code is 4711");
  });

  test("loses no message when Redis goes down: Slack delivers it again, and it is answered", async () => {
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
    const readiness = async () => {
      const response = await fetch(`${bot.url}/readyz`);
      return { status: response.status, body: await response.json() };
    };
    const parts = { store: { ok: false, why: "Redis can't be reached" } };
    await expect.poll(readiness, patiently).toMatchObject({ status: 503, body: { parts } });
    expect(model.requests).toHaveLength(1);
    await redis.start();
    await expect.poll(async () => (await fetch(`${bot.url}/readyz`)).status, patiently).toBe(200);
    await stage.deliverAgain?.();
    await expect
      .poll(room.answers, patiently)
      .toEqual([
        expect.stringContaining("the code is 4711"),
        expect.stringContaining(`which code? ${endMark}`),
      ]);
    expect(withoutTimes(model.requests.at(-1)?.messages[0]?.text ?? "")).toMatch(/the code is 4711$/u);
  });

  test("continues with the new primary that a Sentinel names when the old one dies", async () => {
    using folder = temporaryFolder();
    await using redis = await startRedisSentinel();
    await using model = await startMarkedModel();
    await using stage = await openSlackStage("http");
    const settings = { ...stage.settings, ...model.settings, DATA_DIR: folder.path, REDIS_URL: redis.url };
    await using bot = await startBot(settings);
    await stage.connect(bot);
    const room = stage.openRoom("ada");
    await room.say("the code is 4711");
    await expect.poll(() => bot.log.some((line) => line["msg"] === "turn finished"), patiently).toBe(true);
    await redis.killPrimary();
    await room.say("which code?");
    await expect.poll(() => bot.log.some((line) => line["msg"] === "Redis is back"), patiently).toBe(true);
    // The other connections come back by themselves, and Slack delivers again what was not acknowledged.
    await expect.poll(async () => (await fetch(`${bot.url}/readyz`)).status, patiently).toBe(200);
    const answer = async (): Promise<string | undefined> => {
      await stage.deliverAgain?.();
      return room.answers()[1];
    };
    await expect.poll(answer, patiently).toContain(`which code? ${endMark}`);
    expect(withoutTimes(model.requests.at(-1)?.messages[0]?.text ?? "")).toMatch(/the code is 4711$/u);
  });

  test.skipIf(opensslIsMissing !== undefined)("uses TLS with a Redis that requires it", async () => {
    using folder = temporaryFolder();
    const { key, certificate } = makeCertificate(folder.path);
    const port = String(await freePort());
    const own = ["--tls-cert-file", certificate, "--tls-key-file", key, "--tls-auth-clients", "no"];
    await using redis = await startRedisServer("--tls-port", port, ...own);
    expect(redis.url).toMatch(/^redis:/u);
    await using bot = await startBot({
      DATA_DIR: folder.path,
      REDIS_URL: `rediss://127.0.0.1:${port}`,
      NODE_EXTRA_CA_CERTS: certificate,
    });
    const stage = openWebStage();
    await stage.connect(bot);
    const room = stage.openRoom("ada");
    await room.say("hello over TLS");
    await expect.poll(room.answers, patiently).toHaveLength(1);
    await stage[Symbol.asyncDispose]();
  });

  test("reports a Redis that is not there at the start, without the password", async () => {
    const { code, stderr } = await unreached;
    expect(code).toBe(1);
    expect(stderr).toMatch(/^REDIS_URL: can't reach Redis at 127\.0\.0\.1:\d+ within 15 s/u);
    expect(stderr).not.toContain("hunter2");
  });
});
