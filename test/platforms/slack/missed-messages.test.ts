import { setImmediate } from "node:timers/promises";

import { describe, expect, test } from "vitest";

import { conversationKey } from "../../../src/domain/conversation.ts";
import type { Inbound, Said } from "../../../src/domain/inbound.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import { openSlackBench, type SlackBench } from "../../support/slack/slack-bench.ts";
import type { SlackSaying } from "../../support/slack/slack-stand-in.ts";

const signal = new AbortController().signal;

/** A place known to the bot: its threads with their last messages, as `[threadTs, lastTs]`. */
function known(channel: string, ...threads: readonly (readonly [string, string?])[]) {
  return {
    place: `T1:${channel}`,
    conversations: threads.map(([threadTs, lastMessage]) => {
      const conversation = conversationKey(`slack:T1:${channel}:${threadTs}`);
      return lastMessage === undefined ? { conversation } : { conversation, lastMessage };
    }),
  };
}

/** Posts messages while no replica is connected. */
function write(
  { slack }: SlackBench,
  channel: string,
  saying: Omit<SlackSaying, "channel" | "user">,
): string {
  return slack.write({ channel, user: "U1", ...saying }).ts;
}

function idsOf(said: readonly Said[]): readonly string[] {
  return said.map(({ message }) => message.id);
}

/** A clock on which waiting takes no real time. */
function ownClock() {
  let nowMs = Date.now();
  const waits: number[] = [];
  const clock: Clock = {
    nowMs: () => nowMs,
    sleep: async (ms, until) => {
      await setImmediate(undefined, { signal: until });
      waits.push(ms);
      nowMs += ms;
    },
  };
  return { clock, waits };
}

test("missed messages are the same as their events would have been, oldest first", async () => {
  await using bench = await openSlackBench();
  const { slack, platform, accepted } = bench;
  slack.addPerson("U1", "Ada");
  slack.addPerson("U2", "Bob");
  const root = await slack.say({ channel: "C1", user: "U1", text: "hello", mention: true });
  accepted.inbounds.length = 0;
  const missed = [
    write(bench, "C1", {
      threadTs: root,
      wire: "and <@U2> &amp; co?",
      files: [{ id: "F1", name: "a.txt", size: 3 }],
    }),
    write(bench, "C1", { text: "a new question", mention: true }),
  ];
  missed.push(
    write(bench, "C1", { threadTs: root, text: "still there?", mention: true }),
    write(bench, "C1", { threadTs: missed[1] ?? "", text: "and one more thing" }),
  );
  const said = await platform.fetchMissed(known("C1", [root, root]), signal);
  expect(idsOf(said)).toEqual(missed);
  for (const ts of missed) {
    const message = slack.messages.get("C1", ts);
    if (message !== undefined) await slack.deliver(message);
  }
  // A question that has replies by now takes private lines in its thread.
  const shown = (inbound: Inbound): object => {
    if (inbound.kind !== "said") return inbound;
    const { isUnthreaded: _, ...target } = inbound.replyTo.target;
    return { ...inbound, replyTo: { ...inbound.replyTo, target } };
  };
  expect(said.map(shown)).toEqual(accepted.inbounds.map(shown));
  expect(said[0]?.message.attachments).toMatchObject([{ ref: { installation: "T1", id: "F1" } }]);
  expect(said.map(({ message }) => message.author.name)).toEqual(["Ada", "Ada", "Ada", "Ada"]);
});

test("a missed message to no one is read where every message is answered", async () => {
  for (const replyMode of ["always", "thread"] as const) {
    await using bench = await openSlackBench({ replyMode });
    const root = await bench.slack.say({ channel: "C1", user: "U1", text: "hello", mention: true });
    const ts = write(bench, "C1", { text: "where is the key?" });
    const said = await bench.platform.fetchMissed(known("C1", [root, root]), signal);
    expect(idsOf(said)).toEqual(replyMode === "always" ? [ts] : []);
  }
});

test("every top-level message of a DM begins a conversation", async () => {
  await using bench = await openSlackBench();
  const root = await bench.slack.say({ channel: "D1", user: "U1", text: "hello" });
  bench.accepted.inbounds.length = 0;
  const ts = write(bench, "D1", { text: "anybody?" });
  const reply = write(bench, "D1", { text: "nobody?", threadTs: ts });
  const said = await bench.platform.fetchMissed(known("D1", [root, root]), signal);
  expect(idsOf(said)).toEqual([ts, reply]);
  expect(said).toMatchObject([
    { addressing: "direct", conversation: `slack:T1:D1:${ts}`, replyTo: { target: { threadTs: ts } } },
    { addressing: "direct", conversation: `slack:T1:D1:${ts}` },
  ]);
});

test("other people's threads and the bot's own posts are left out; posts of other bots count only in known threads", async () => {
  await using bench = await openSlackBench();
  const { slack, platform } = bench;
  const root = await slack.say({ channel: "C1", user: "U1", text: "hello", mention: true });
  const chat = write(bench, "C1", { text: "lunch?" });
  write(bench, "C1", { text: "yes", threadTs: chat });
  const called = write(bench, "C1", { text: "where is good?", threadTs: chat, mention: true });
  const after = write(bench, "C1", { text: "and cheap", threadTs: chat });
  const other = {
    team: "T1",
    channel: "C1",
    user: "UOTHER",
    botId: "BOTHER",
    text: "I am another bot, <@UBOT>",
    blocks: [],
    metadata: undefined,
    files: [],
  };
  const heard = slack.messages.add({ ...other, threadTs: root }).ts;
  // It begins no conversation.
  slack.messages.add(other);
  const [inbound] = bench.accepted.inbounds;
  if (inbound?.kind !== "said") throw new Error("Nothing was said");
  const ours = { turn: "t1", part: 0, covers: [root], text: "Hi", state: "done" } as const;
  await platform.createPost(inbound.replyTo, ours, signal);
  expect(idsOf(await platform.fetchMissed(known("C1", [root, root]), signal))).toEqual([
    called,
    after,
    heard,
  ]);
});

test("long threads are read page by page, without known messages", async () => {
  await using bench = await openSlackBench();
  const root = await bench.slack.say({ channel: "C1", user: "U1", text: "hello", mention: true });
  const last = write(bench, "C1", { threadTs: root, text: "stored" });
  const missed = Array.from({ length: 450 }, (_, count) =>
    write(bench, "C1", { threadTs: root, text: `${count}` }),
  );
  const said = await bench.platform.fetchMissed(known("C1", [root, last]), signal);
  expect(idsOf(said)).toEqual(missed);
});

test("a place without known conversations is not read", async () => {
  await using bench = await openSlackBench();
  write(bench, "C1", { text: "hello", mention: true });
  expect(await bench.platform.fetchMissed(known("C1", ["1700000000.000100"]), signal)).toEqual([]);
  expect(bench.slack.calls("conversations.history")).toEqual([]);
});

describe("a place that can't be read yields nothing", () => {
  test.each(["channel_not_found", "not_in_channel", "missing_scope"])("because of %s", async (error) => {
    await using bench = await openSlackBench();
    const { slack, platform, log } = bench;
    const root = await slack.say({ channel: "C1", user: "U1", text: "hello", mention: true });
    write(bench, "C1", { threadTs: root, text: "more" });
    slack.refuse("C1", error);
    expect(await platform.fetchMissed(known("C1", [root, root]), signal)).toEqual([]);
    const lines = log.lines.filter(({ message }) => message.includes("missed"));
    expect(lines).toHaveLength(1);
    expect(JSON.stringify(lines)).not.toMatch(/\bC1\b/u);
    expect(slack.calls("conversations.replies")).toEqual([]);
  });

  test("but a deleted thread does not affect the others", async () => {
    await using bench = await openSlackBench();
    const { slack, platform } = bench;
    const root = await slack.say({ channel: "C1", user: "U1", text: "hello", mention: true });
    const more = write(bench, "C1", { threadTs: root, text: "more" });
    const gone = ["1700000000.000100", "1700000000.000200"] as const;
    expect(idsOf(await platform.fetchMissed(known("C1", gone, [root, root]), signal))).toEqual([more]);
  });
});

describe("missed messages are read at a bounded rate", () => {
  test("the limited allowance makes one call a minute for 15 messages, newest conversation first, at most 15 threads", async () => {
    const { clock, waits } = ownClock();
    await using bench = await openSlackBench({ clock, settings: { history: "limited" } });
    const { slack, platform } = bench;
    const roots = Array.from({ length: 18 }, () => write(bench, "C1", { text: "hello", mention: true }));
    for (const threadTs of roots) write(bench, "C1", { threadTs, text: "more" });
    const newestFirst = roots.toReversed();
    const said = await platform.fetchMissed(
      known("C1", ...newestFirst.map((ts) => [ts, ts] as const)),
      signal,
    );
    const calls = slack.calls("conversations.replies");
    expect(calls.map(({ args }) => args["ts"])).toEqual(newestFirst.slice(0, 15));
    expect(new Set(calls.map(({ args }) => args["limit"]))).toEqual(new Set(["15"]));
    expect(said).toHaveLength(15);
    expect(waits.filter((ms) => ms >= 60_000)).toHaveLength(14);
  });

  test("an internal app makes ten calls, then one every 1.5 seconds", async () => {
    const { clock, waits } = ownClock();
    await using bench = await openSlackBench({ clock });
    const roots = Array.from({ length: 30 }, () => write(bench, "C1", { text: "hello", mention: true }));
    await bench.platform.fetchMissed(known("C1", ...roots.map((ts) => [ts, ts] as const)), signal);
    expect(bench.slack.calls("conversations.replies")).toHaveLength(30);
    expect(waits.filter((ms) => ms === 1_500)).toHaveLength(20);
  });

  test("reading waits for a rate limit to end", async () => {
    const { clock, waits } = ownClock();
    await using bench = await openSlackBench({ clock });
    const { slack, platform } = bench;
    const root = await slack.say({ channel: "C1", user: "U1", text: "hello", mention: true });
    const more = write(bench, "C1", { threadTs: root, text: "more" });
    slack.fail("conversations.history", { kind: "rate-limited", retryAfterSeconds: 30 });
    slack.fail("conversations.replies", { kind: "rate-limited", retryAfterSeconds: 40 }, 2);
    expect(idsOf(await platform.fetchMissed(known("C1", [root, root]), signal))).toEqual([more]);
    expect(waits.filter((ms) => ms > 10_000)).toEqual([30_000, 40_000, 40_000]);
  });

  test("repeated rate limits are an error for the caller", async () => {
    const { clock } = ownClock();
    await using bench = await openSlackBench({ clock });
    const { slack, platform } = bench;
    slack.fail("conversations.history", { kind: "rate-limited", retryAfterSeconds: 30 }, 4);
    await expect(platform.fetchMissed(known("C1", ["1.000000", "1.000000"]), signal)).rejects.toMatchObject({
      name: "PlatformError",
      kind: "rate-limited",
      retryAfterMs: 30_000,
    });
  });

  test("the caller's signal ends the wait", async () => {
    await using bench = await openSlackBench({ settings: { history: "limited" } });
    const caller = new AbortController();
    const roots = [1, 2].map(() => write(bench, "C1", { text: "hello", mention: true }));
    const reading = bench.platform.fetchMissed(
      known("C1", ...roots.map((ts) => [ts, ts] as const)),
      caller.signal,
    );
    await expect.poll(() => bench.slack.calls("conversations.replies").length).toBe(1);
    caller.abort(new Error("Shutting down"));
    await expect(reading).rejects.toThrow("Shutting down");
  });
});
