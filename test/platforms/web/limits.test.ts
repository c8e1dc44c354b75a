import { setTimeout } from "node:timers/promises";

import { expect, test } from "vitest";
import { WebSocket } from "ws";

import { readFrame } from "../../../src/platforms/web/inbound/read-frame.ts";
import { SocketLimits } from "../../../src/platforms/web/connection/socket-limits.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { bestCpuMs } from "../../support/texts/cpu-time.ts";
import { slowness } from "../../support/machine-speed.ts";
import { openChat } from "../../support/web/open-chat.ts";
import { connectWeb, type WebClient } from "../../support/web/web-client.ts";

const mib = 1_024 * 1_024;
const say = (id: string, text: string) => ({ type: "say", id, conversation: "c1", text });

test.each([
  ["bytes", (send: (frame: Buffer) => void) => send(Buffer.from([1, 2, 3]))],
  ["no JSON", (send: (frame: string) => void) => send("nonsense")],
])("20,000 frames of %s get few answers and log lines, and cut the socket off", async (_name, sendTo) => {
  await using chat = await openChat();
  await using client = await connectWeb(chat.url);
  await client.until("welcome");
  for (let count = 0; count < 20_000; count += 1) sendTo(client.send);
  expect(await client.closed).toBe(1008);
  expect(client.of("error").length).toBeLessThanOrEqual(21);
  expect(chat.log.lines.filter(({ level }) => level !== "debug").length).toBeLessThanOrEqual(3);
});

test.each(["ping", "pong"] as const)(
  "a flood of %ss cuts the socket off, and few are answered",
  async (kind) => {
    await using chat = await openChat();
    await using client = await connectWeb(chat.url);
    await client.until("welcome");
    let pongs = 0;
    client.socket.on("pong", () => (pongs += 1));
    for (let count = 0; count < 20_000; count += 1) client.socket[kind]();
    expect(await client.closed).toBe(1008);
    expect(pongs).toBeLessThanOrEqual(20);
  },
);

test("fragments of a message count as unfinished, however many pings stand between them", () => {
  const limits = new SocketLimits();
  const owners = Array.from({ length: 100 }, (_, index) => ({ user: `u${index}`, address: undefined }));
  const allowances = owners.map((owner) => limits.enter(owner));
  let cut = 0;
  for (const allowance of allowances) {
    if (allowance !== undefined) allowance.onOverflow = () => (cut += 1);
    for (let piece = 0; piece < 16; piece += 1) {
      allowance?.countBytes(mib / 16, piece * 1_000);
      allowance?.countBytes(10, piece * 1_000);
      allowance?.countFrame(piece * 1_000, 10);
    }
  }
  expect(cut).toBeGreaterThan(0);
});

test("a person with 25 pages who sends a lot causes little work, and the pages show all of it in the end", async () => {
  await using chat = await openChat();
  await using writer = await connectWeb(chat.url);
  for (let count = 0; count < 5; count += 1)
    writer.send(say(`long${count}`, "A long message. ".repeat(6_000)));
  await writer.until("accepted", 5);
  await using opened = new AsyncDisposableStack();
  const pages: WebClient[] = [];
  for (let count = 0; count < 25; count += 1) {
    const page = opened.use(await connectWeb(chat.url, { cookie: writer.cookie }));
    page.send({ type: "open", conversation: "c1" });
    await page.until("history");
    pages.push(page);
  }
  const [page] = pages;
  const before = page?.bytes() ?? 0;
  for (let count = 0; count < 60; count += 1) {
    writer.send(say(`short${count}`, `Message number ${count}.`));
    await setTimeout(60);
  }
  await writer.until("accepted", 65);
  await expect
    .poll(() => JSON.stringify(page?.of("history").at(-1)?.messages), { timeout: 60_000 })
    .toContain("Message number 59.");
  // All of them at 480 KB each would be 29 MB on every page.
  expect((page?.bytes() ?? 0) - before).toBeLessThan(10 * mib);
  expect(pages.map(({ socket }) => socket.readyState)).toEqual(pages.map(() => WebSocket.OPEN));
});

test("a ping is answered", async () => {
  await using chat = await openChat();
  await using client = await connectWeb(chat.url);
  const { promise, resolve } = Promise.withResolvers<string>();
  client.socket.on("pong", (data: Buffer) => resolve(data.toString()));
  client.socket.ping("still there?");
  expect(await promise).toBe("still there?");
});

test("a person with many pages has one allowance, also after reconnecting", async () => {
  await using chat = await openChat();
  await using first = await connectWeb(chat.url);
  await using opened = new AsyncDisposableStack();
  const pages = [first];
  for (let count = 1; count < 8; count += 1) {
    pages.push(opened.use(await connectWeb(chat.url, { cookie: first.cookie })));
  }
  await Promise.all(pages.map((page) => page.until("welcome")));
  // Each of them stays within what one socket may send.
  for (const page of pages) for (let count = 0; count < 15; count += 1) page.send({ type: "list" });
  await expect.poll(() => pages.flatMap((page) => page.of("error")).length).toBeGreaterThan(0);
  await Promise.any(pages.map((page) => page.closed));
});

test("a person has at most 30 sockets, and a closed one makes room", async () => {
  await using chat = await openChat();
  await using first = await connectWeb(chat.url);
  await using opened = new AsyncDisposableStack();
  const { cookie } = first;
  for (let count = 1; count < 30; count += 1) opened.use(await connectWeb(chat.url, { cookie }));
  await expect(connectWeb(chat.url, { cookie })).rejects.toThrow("429");
  first.socket.terminate();
  await expect
    .poll(async () => {
      await using client = await connectWeb(chat.url, { cookie }).catch(() => undefined);
      return client !== undefined;
    })
    .toBe(true);
});

test("clients at one address share an allowance of sockets and frames; this machine has none", () => {
  const limits = new SocketLimits();
  const enter = (index: number, address?: string) => limits.enter({ user: `u${index}`, address });
  const allowances = Array.from({ length: 500 }, (_, index) => enter(index, "203.0.113.7"));
  expect(allowances).not.toContain(undefined);
  expect(enter(500, "203.0.113.7")).toBeUndefined();
  expect(enter(500, "203.0.113.8")).toBeDefined();
  const verdicts = allowances.flatMap((allowance) => [allowance?.countFrame(0), allowance?.countFrame(0)]);
  expect(verdicts.filter((verdict) => verdict === "pass")).toHaveLength(500);
  allowances[0]?.leave();
  expect(enter(501, "203.0.113.7")).toBeDefined();
  const here = Array.from({ length: 600 }, (_, index) => enter(1_000 + index));
  expect(here.map((allowance) => allowance?.countFrame(0))).toEqual(here.map(() => "pass"));
});

test("unfinished frames use at most 64 MiB together: the socket with the most is closed", () => {
  const limits = new SocketLimits();
  const gone: number[] = [];
  const allowances = Array.from({ length: 200 }, (_, index) => {
    const allowance = limits.enter({ user: `u${index}`, address: undefined });
    if (allowance === undefined) throw new Error("Not let in");
    allowance.onOverflow = () => {
      gone.push(index);
      allowance.leave();
    };
    return allowance;
  });
  for (const allowance of allowances) allowance.countBytes(mib - 1, 0);
  expect(gone).toHaveLength(200 - 64);
  // What ends is given back.
  for (const allowance of allowances) allowance.countFrame(0);
  for (const allowance of allowances) allowance.countBytes(100, 0);
  expect(gone).toHaveLength(200 - 64);
});

test("a client that sends more than a MiB a second is paused for a while, and loses nothing", async () => {
  let nowMs = 0;
  let restedMs = 0;
  const sleep = async (ms: number): Promise<void> => {
    nowMs += ms;
    restedMs += ms;
  };
  await using chat = await openChat({ clock: { nowMs: () => nowMs, sleep } });
  await using client = await connectWeb(chat.url);
  await client.until("welcome");
  // 12 MiB, and 4 of them pass at once.
  for (let count = 0; count < 12; count += 1) client.send(`"${"x".repeat(mib - 10)}"`);
  await client.until("error", 12);
  expect(restedMs).toBeGreaterThan(7_500);
  client.send(say("1", "hello"));
  await client.until("accepted");
});

test("a socket is paused while many of its frames wait for the store, and none is lost", async () => {
  let nowMs = 0;
  await using chat = await openChat({ clock: { ...systemClock, nowMs: () => nowMs } });
  await using client = await connectWeb(chat.url);
  await client.until("welcome");
  const { promise, resolve } = Promise.withResolvers<void>();
  chat.switches.hold = promise;
  const sendSome = (from: number): void => {
    // In a second of its own.
    nowMs += 1_000;
    for (let count = from; count < from + 17; count += 1) client.send(say(`${count}`, "hello"));
  };
  const events: string[] = [];
  client.socket.on("pong", () => events.push("answered"));
  // Another page is read meanwhile, more than once.
  await using other = await connectWeb(chat.url);
  const letRead = async (): Promise<void> => {
    for (let count = 0; count < 5; count += 1) {
      other.send({ type: "list" });
      await other.until("welcome", other.of("welcome").length + 1);
    }
  };
  sendSome(0);
  await letRead();
  sendSome(17);
  await letRead();
  client.socket.ping();
  await letRead();
  events.push("store is back");
  resolve();
  await client.until("accepted", 34);
  await expect.poll(() => events).toEqual(["store is back", "answered"]);
});

test.each([
  ["many keys", `{"type":"list",${Array.from({ length: 90_000 }, (_, index) => `"k${index}":1`).join(",")}}`],
  ["deep lists", `{"type":"list","x":${"[".repeat(500_000)}${"]".repeat(500_000)}}`],
  ["many lists", `{"type":"list","x":[${"[],".repeat(300_000)}[]]}`],
  ["escaped characters", `{"type":"list","x":"${"\\u0000".repeat(170_000)}"}`],
  ["quotation marks", `{"type":"list","x":"${'\\"'.repeat(500_000)}"}`],
  ["an open text", `{"type":"list","x":"${"\\\\".repeat(500_000)}`],
])("a frame of 1 MiB with %s is read in a few ms", async (_name, text) => {
  const readMs = await bestCpuMs(() => readFrame(text), 3);
  expect(readMs).toBeLessThan(50 * (await slowness()));
});
