import { performance } from "node:perf_hooks";
import { setTimeout } from "node:timers/promises";

import { expect, test } from "vitest";

import { systemClock } from "../../../src/runtime/clock.ts";
import { addHealthRoutes } from "../../../src/runtime/http/health-routes.ts";
import { HttpServer } from "../../../src/runtime/http/http-server.ts";
import { LoopDelay } from "../../../src/runtime/loop-delay.ts";
import { webAccess } from "../../../src/config/web-access.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";

const token = "correct-horse-battery";

function block(ms: number): void {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
}

interface Settings {
  readonly tokens?: readonly string[];
  readonly host?: string;
  readonly slack?: { readonly SLACK_BOT_TOKEN: string; readonly SLACK_APP_TOKEN?: string };
}

async function open(settings: Settings = {}) {
  const log = new RecordingLog();
  let nowMs = 0;
  const clock = { ...systemClock, nowMs: () => nowMs };
  const loop = new LoopDelay({ log, clock });
  const config = {
    WEB_TOKEN: [...(settings.tokens ?? [])],
    TRUSTED_PROXY: [],
    HOST: settings.host ?? "127.0.0.1",
    SLACK_BOT_TOKEN: undefined,
    SLACK_APP_TOKEN: undefined,
    ...settings.slack,
  };
  const access = webAccess(config, { clock, log });
  const http = new HttpServer(() => undefined);
  const watched = [{ name: "store", health: () => ({ ok: false, why: "the disk is full" }) }];
  addHealthRoutes(http, { watched, loop, ...access });
  const { url } = await http.listen("127.0.0.1", 0);
  return {
    log,
    loop,
    access,
    pass: (ms: number) => (nowMs += ms),
    readyz: async (headers: Readonly<Record<string, string>> = {}): Promise<string> => {
      const response = await fetch(`${url}/readyz`, { headers });
      return `${response.status} ${await response.text()}`;
    },
    [Symbol.asyncDispose]: async () => {
      loop[Symbol.dispose]();
      await http[Symbol.asyncDispose]();
    },
  };
}

test("reasons are shown to a caller on this machine, and not through a proxy", async () => {
  await using port = await open();
  expect(await port.readyz()).toContain("the disk is full");
  expect(await port.readyz({ via: "1.1 proxy" })).not.toContain("the disk is full");
});

test("token guesses at /readyz are answered like requests without one, and counted with all others", async () => {
  await using port = await open({ tokens: [token] });
  const bearer = (given: string) => port.readyz({ authorization: `Bearer ${given}` });
  expect(await bearer(token)).toContain("the disk is full");
  const closed = await port.readyz();
  for (let count = 0; count < 10; count += 1) expect(await bearer(`guess ${count}`)).toBe(closed);
  // Too many: also the right one is not looked at, here or at the sign-in.
  expect(await bearer(token)).toBe(closed);
  port.pass(60_000);
  expect(await bearer(token)).toContain("the disk is full");
});

test.each(["0.0.0.0", "::", "192.0.2.1"])(
  "without WEB_TOKEN the web chat stays closed on %s, with a line",
  async (host) => {
    await using port = await open({ host });
    expect(port.access.isClosed).toBe(true);
    expect(port.log.lines).toMatchObject([{ level: "warn", message: expect.stringContaining("WEB_TOKEN") }]);
  },
);

test.each(["127.0.0.1", "127.8.9.1", "::1", "localhost"])(
  "without WEB_TOKEN the web chat is open on %s",
  async (host) => {
    await using port = await open({ host });
    expect(port.access.isClosed).toBe(false);
    expect(port.log.lines).toEqual([]);
  },
);

test("without WEB_TOKEN the web chat stays closed beside Slack over HTTP, and not beside Socket Mode", async () => {
  await using overHttp = await open({ slack: { SLACK_BOT_TOKEN: "xoxb-1" } });
  expect(overHttp.access.isClosed).toBe(true);
  await using overSocket = await open({ slack: { SLACK_BOT_TOKEN: "xoxb-1", SLACK_APP_TOKEN: "xapp-1" } });
  expect(overSocket.access.isClosed).toBe(false);
});

test("a slow event loop is shown at /readyz, and logged once until it has been fine for a minute", async () => {
  await using port = await open();
  const { loop, log } = port;
  const messages = () => log.lines.map(({ message }) => message);
  const lateAfterBlocking = async (): Promise<number> => {
    block(400);
    // A delay is seen a sample after it.
    await setTimeout(40);
    return loop.sample().maxMs;
  };
  const beSlow = async (): Promise<void> => {
    await expect.poll(lateAfterBlocking, { timeout: 60_000 }).toBeGreaterThan(300);
    await beFine();
  };
  const beFine = async (): Promise<void> => {
    await expect.poll(() => loop.sample().maxMs, { timeout: 60_000 }).toBeLessThan(200);
  };
  const shown = async (): Promise<number> => Number(/"maxMs":(\d+)/u.exec(await port.readyz())?.[1]);
  loop.start();
  await beSlow();
  expect(await port.readyz()).toMatch(/"eventLoop":\{"p99Ms":\d+,"maxMs":\d{3,}\}/u);
  expect(messages()).toEqual(["the event loop is slow; the machine may be overloaded"]);
  port.pass(59_000);
  await beFine();
  // A probe that asks now and then sees it, too.
  expect(await shown()).toBeGreaterThan(300);
  await beSlow();
  port.pass(59_000);
  await beFine();
  expect(messages()).toHaveLength(1);
  port.pass(1_000);
  await beFine();
  expect(await shown()).toBeLessThan(300);
  expect(messages()).toEqual([
    "the event loop is slow; the machine may be overloaded",
    "the event loop is fine again",
  ]);
  await beSlow();
  expect(messages()).toHaveLength(3);
});
