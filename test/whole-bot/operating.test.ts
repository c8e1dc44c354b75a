import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { once } from "node:events";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { runBot, startBot } from "../support/bot-process.ts";
import { startSlackStandIn } from "../support/slack/slack-stand-in.ts";
import { startMarkedModel } from "../support/stages/marked-model.ts";
import { openSlackStage } from "../support/stages/slack-stage.ts";
import { endMark } from "../support/stages/stage.ts";
import { openWebStage } from "../support/stages/web-stage.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const patiently = { timeout: 60_000, interval: 20 };

describe("the program at its start", () => {
  test("serves the web chat with the demo model on loopback if nothing is set, loads no more, and refuses a second bot in its folder", async () => {
    using folder = temporaryFolder();
    const list = join(folder.path, "modules");
    const hook = new URL("../support/list-modules.ts", import.meta.url).href;
    const settings = { DATA_DIR: folder.path, NODE_OPTIONS: `--import=${hook}`, LIST_MODULES_TO: list };
    await using bot = await startBot(settings);
    expect(bot.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/u);
    expect(bot.log.filter((line) => line["msg"] === "ready")).toHaveLength(1);
    expect(bot.log.some((line) => String(line["msg"]).includes("demo model"))).toBe(true);
    expect((await fetch(`${bot.url}/healthz`)).status).toBe(200);
    const readyz = await fetch(`${bot.url}/readyz`);
    expect(readyz.status).toBe(200);
    expect(await readyz.json()).toEqual({
      ready: true,
      parts: { web: { ok: true, why: "" }, store: { ok: true, why: "" }, archive: { ok: true, why: "" } },
      eventLoop: { p99Ms: expect.any(Number), maxMs: expect.any(Number) },
    });
    expect((await fetch(`${bot.url}/nowhere`)).status).toBe(404);
    expect((await fetch(`${bot.url}/`)).status).toBe(200);

    // Of Redis, Slack, Discord and OpenAI, nothing is loaded that is not set.
    const loaded = readFileSync(list, "utf8").split("\n");
    expect(loaded.some((url) => url.includes("/node_modules/keyv/"))).toBe(true);
    const unwanted =
      /\/node_modules\/(?:bullmq|ioredis|pg|node-pg-migrate|@redis|@keyv\/redis|@slack|discord\.js|openai)\//u;
    expect(loaded.filter((url) => unwanted.test(url))).toEqual([]);

    // The data folder is this bot's.
    const { code, stderr } = await runBot({ DATA_DIR: folder.path });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^DATA_DIR: another Threadkeeper works in /u);
    expect((await fetch(`${bot.url}/healthz`)).status).toBe(200);
  });

  test("names every wrong setting on stderr, one line each, and ends with 1", async () => {
    const { code, stdout, stderr } = await runBot({
      OPENAI_API: "foo",
      PORT: "x",
      DISCORD_API_URL: "ftp://x",
    });
    expect(code).toBe(1);
    expect(stdout).toBe("");
    expect(stderr.trim().split("\n")).toEqual([
      'OPENAI_API: "foo" is not one of auto, responses, chat',
      "DISCORD_API_URL: This is not a URL that begins with http:// or https:// and ends in /api",
      'PORT: "x" is not a whole number from 0 to 65535',
    ]);
  });

  test("reads .env, reports names that resemble a setting, and all faults together", async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, ".env");
    writeFileSync(file, "\uFEFFOPENAI_API_KEY=sk-1\r\nLIMIT_PERSON_TURN=5\r\n");
    {
      await using bot = await startBot({ DATA_DIR: folder.path });
      const warnings = bot.log.filter((line) => line["level"] === "warn").map((line) => line["msg"]);
      // What becomes of the key depends on the way out of this machine, and a busy one is slow.
      const ofTheMachine = new Set<unknown>([
        "the model may not answer; check the OPENAI_… settings",
        "the event loop is slow; the machine may be overloaded",
      ]);
      expect(warnings.filter((each) => !ofTheMachine.has(each))).toEqual([
        "LIMIT_PERSON_TURN is not a setting: did you mean LIMIT_PERSON_TURNS?",
      ]);
    }
    writeFileSync(file, "OPENAI_API_KEY: sk-1\nLIMIT_PERSON_TURN=5\n");
    const { code, stderr } = await runBot({ DATA_DIR: folder.path, OPENAI_API: "foo" });
    expect(code).toBe(1);
    expect(stderr.trim().split("\n")).toEqual([
      ".env, line 1: can't be read; write OPENAI_API_KEY=… with nothing else before the =",
      'OPENAI_API: "foo" is not one of auto, responses, chat',
      "LIMIT_PERSON_TURN is not a setting: did you mean LIMIT_PERSON_TURNS?",
    ]);
  });

  test("says so when its port is taken", async () => {
    using folder = temporaryFolder();
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const address = other.address();
    const port = typeof address === "object" ? String(address?.port) : "";
    const { code, stderr } = await runBot({ DATA_DIR: folder.path, PORT: port });
    other.close();
    expect(code).toBe(1);
    expect(stderr).toBe(
      `PORT: 127.0.0.1:${port} is in use by another program. Choose another PORT, or stop that program.\n`,
    );
  });

  test("ends with 1 and the setting's name when Slack refuses the token", async () => {
    using folder = temporaryFolder();
    await using slack = await startSlackStandIn();
    const { code, stderr } = await runBot({
      DATA_DIR: folder.path,
      SLACK_API_URL: slack.apiUrl,
      SLACK_BOT_TOKEN: "xoxb-wrong",
      SLACK_SIGNING_SECRET: slack.settings.signingSecret,
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^SLACK_BOT_TOKEN: /u);
    expect(stderr).not.toContain("xoxb-wrong");
  });
});

describe("the program when it stops", () => {
  test("completes a running answer", async () => {
    using folder = temporaryFolder();
    await using model = await startMarkedModel();
    await using stage = await openSlackStage("http");
    await using bot = await startBot({ ...stage.settings, ...model.settings, DATA_DIR: folder.path });
    await stage.connect(bot);
    const room = stage.openRoom("ada");
    const letGo = model.holdUntilLetGo();
    await room.say("a question");
    await expect.poll(() => model.underWay(), patiently).toBe(1);
    const code = bot.stop();
    letGo();
    expect(await code).toBe(0);
    expect(room.answers()).toEqual([expect.stringContaining(endMark)]);
  });

  test("waits for an answer no longer than SHUTDOWN_MS, and completes it after the next start", async () => {
    using folder = temporaryFolder();
    await using model = await startMarkedModel();
    await using stage = await openSlackStage("http");
    const settings = { ...stage.settings, ...model.settings, DATA_DIR: folder.path, SHUTDOWN_MS: "50" };
    const room = stage.openRoom("ada");
    {
      await using bot = await startBot(settings);
      await stage.connect(bot);
      model.hold();
      await room.say("a question");
      await expect.poll(() => model.underWay(), patiently).toBe(1);
      expect(await bot.stop()).toBe(0);
    }
    model.letGo();
    await using bot = await startBot(settings);
    await stage.connect(bot);
    await expect.poll(room.answers, patiently).toEqual([expect.stringContaining(endMark)]);
  });

  test("ends immediately at a second signal", async () => {
    using folder = temporaryFolder();
    await using model = await startMarkedModel();
    await using stage = await openSlackStage("http");
    await using bot = await startBot({ ...stage.settings, ...model.settings, DATA_DIR: folder.path });
    await stage.connect(bot);
    model.hold();
    await stage.openRoom("ada").say("a question");
    await expect.poll(() => model.underWay(), patiently).toBe(1);
    const code = bot.stop();
    // The first signal closes the port; only then is the second a second one.
    await expect.poll(() => bot.log.some((line) => line["msg"] === "stopping"), patiently).toBe(true);
    process.kill(bot.pid, "SIGTERM");
    expect(await code).toBe(130);
  });
});

test("neither texts nor secrets reach the log, at any level", async () => {
  using folder = temporaryFolder();
  await using model = await startMarkedModel();
  await using stage = await openSlackStage("socket");
  await using web = openWebStage();
  const secrets = { ...stage.settings, ...model.settings };
  await using bot = await startBot({ ...secrets, DATA_DIR: folder.path, LOG_LEVEL: "trace" });
  await stage.connect(bot);
  await web.connect(bot);
  const rooms = [stage.openRoom("Zebedee"), web.openRoom("Zebedee")];
  for (const room of rooms) await room.say("the magic word is xyzzy");
  await expect.poll(() => rooms.map((room) => room.answers().length), patiently).toEqual([1, 1]);
  await bot.stop();
  expect(bot.output()).toContain("turn finished");
  for (const hidden of [
    "xyzzy",
    "Zebedee",
    "magic",
    ...Object.values(secrets).filter((each) => !each.startsWith("http")),
  ]) {
    expect(bot.output()).not.toContain(hidden);
  }
});
