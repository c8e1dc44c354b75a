import { describe, expect, test } from "vitest";

import type { ReplyAddress } from "../../../src/domain/reply-address.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import { PlatformError } from "../../../src/ports/platform-error.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { clockAt } from "../../support/clock-at.ts";
import { openSlackBench, type SlackBench } from "../../support/slack/slack-bench.ts";
import { createPlanned } from "../../support/core/planned-writes.ts";
import type { SlackFault } from "../../support/slack/slack-faults.ts";
import { markdownOf } from "../../support/slack/slack-messages.ts";
import { ask, writeReply } from "../../support/slack/write-reply.ts";

const signal = new AbortController().signal;

/** A clock whose waits take a tenth of the time. */
const hasty: Clock = { ...systemClock, sleep: (ms, until) => systemClock.sleep(ms / 10, until) };

/** 26,000 characters: four posts. */
const long = Array.from({ length: 2_000 }, (_, count) => `word ${count} `).join("\n");

function wordsIn(slack: SlackBench["slack"], to: ReplyAddress): readonly string[] {
  const { channel = "", threadTs = "" } = to.target;
  return words(slack.posts(channel, threadTs).map(markdownOf).join("\n"));
}

function words(text: string): readonly string[] {
  return text.split(/\s+/u).filter((word) => word !== "");
}

test("after a phase of rate limits on most calls every reply is complete, and none appears twice", async () => {
  const clock = clockAt(20);
  await using bench = await openSlackBench({ clock });
  const { slack, platform } = bench;
  const asked = await Promise.all(["C1", "C2", "C3", "C4", "C5", "C6"].map((channel) => ask(bench, channel)));
  const slower: SlackFault = { kind: "rate-limited", retryAfterSeconds: 1 };
  for (const method of ["chat.postMessage", "chat.update"]) slack.fail(method, slower, 40);
  await Promise.all(asked.map((to) => writeReply(platform, to, long, clock)));
  expect(asked.map((to) => wordsIn(slack, to))).toEqual(asked.map(() => words(long)));
  // A refused post is never searched for: that would cause more calls.
  expect(slack.calls("conversations.replies")).toEqual([]);
});

describe.concurrent("in DMs", () => {
  const methods = ["chat.startStream", "chat.appendStream", "chat.stopStream", "chat.update"];
  test.each(methods)("a storm of rate limits on %s delays text, and loses no end", async (method) => {
    const clock = clockAt(20);
    await using bench = await openSlackBench({ clock });
    const { slack, platform } = bench;
    slack.streams.nowMs = clock.nowMs;
    const asked = await Promise.all(["D1", "D2", "D3"].map((channel) => ask(bench, channel)));
    slack.fail(method, { kind: "rate-limited", retryAfterSeconds: 20 }, 12);
    // Each answer goes on by edits in one of its posts.
    for (const channel of ["D1", "D2", "D3"])
      slack.fail("chat.appendStream", { kind: "reset", when: "after" }, 1, channel);
    await Promise.all(asked.map((to) => writeReply(platform, to, long, clock)));
    expect(asked.map((to) => wordsIn(slack, to))).toEqual(asked.map(() => words(long)));
    expect([...slack.streams.open, ...slack.streams.broken]).toEqual([]);
    expect(slack.faultsLeft(method)).toBeLessThan(12);
  });

  test("while Slack takes no stop, people see the last words all the same", async () => {
    const clock = clockAt(20);
    await using bench = await openSlackBench({ clock });
    const { slack, platform } = bench;
    slack.streams.nowMs = clock.nowMs;
    const to = await ask(bench, "D1");
    slack.fail("chat.stopStream", { kind: "rate-limited", retryAfterSeconds: 60 }, 1);
    const written = writeReply(platform, to, "One two three", clock);
    const shown = () => slack.streams.open.map(({ text }) => text);
    await expect.poll(shown, { interval: 5 }).toEqual(["One two three"]);
    await written;
    expect(wordsIn(slack, to)).toEqual(["One", "two", "three"]);
    expect(slack.streams.open).toEqual([]);
  });
});

test("one channel's rate limit does not slow down other channels", async () => {
  await using bench = await openSlackBench();
  const { slack, platform } = bench;
  const slow = await ask(bench, "C1");
  const fast = await Promise.all(Array.from({ length: 10 }, (_, count) => ask(bench, `C${count + 2}`)));
  slack.fail("chat.postMessage", { kind: "rate-limited", retryAfterSeconds: 600 }, 1_000, "C1");
  const post = { turn: "t1", part: 0, covers: [], text: "Hi", state: "writing" } as const;
  const startedAtMs = Date.now();
  const results = await Promise.allSettled(
    Array.from({ length: 20 }, (_, count) =>
      createPlanned(
        platform,
        { to: fast[(count - 1) / 2] ?? slow, post: { ...post, turn: `t${count}` }, kind: "first" },
        signal,
      ),
    ),
  );
  // The slow one would take ten minutes.
  expect(Date.now() - startedAtMs).toBeLessThan(60_000);
  expect(results.map(({ status }) => status)).toEqual(
    results.map((_, count) => (count % 2 === 0 ? "rejected" : "fulfilled")),
  );
});

test.each([
  ["a date in an hour", new Date(Date.now() + 3_600_000).toUTCString(), 3_500_000],
  ["a word", "later", 9_000],
  ["nothing", undefined, 9_000],
  ["a negative number", "-7", 1],
])("a 429 with %s as its Retry-After is a rate limit, not an outage", async (_case, retryAfter, leastMs) => {
  await using bench = await openSlackBench();
  const { slack, platform } = bench;
  const to = await ask(bench, "C1");
  const header = retryAfter === undefined ? {} : { retryAfter };
  slack.fail("chat.postMessage", { kind: "unclear-limit", ...header }, 1);
  const post = { turn: "t1", part: 0, covers: [], text: "Hi", state: "writing" } as const;
  const create = (): Promise<unknown> => createPlanned(platform, { to, post, kind: "first" }, signal);
  const refusal = await create().catch((error: unknown) => error);
  expect(refusal).toMatchObject({ kind: "rate-limited" });
  const retryAfterMs = refusal instanceof PlatformError ? refusal.retryAfterMs : 0;
  expect(retryAfterMs).toBeGreaterThanOrEqual(leastMs);
  // Until then Slack gets at most a few calls.
  const outcome = await create().then(
    () => "made",
    () => "refused",
  );
  expect(outcome).toBe(leastMs > 1_000 ? "refused" : "made");
});

const lost: readonly (readonly [string, SlackFault])[] = [
  ["the line is cut after the post was made", { kind: "reset", when: "after" }],
  ["Slack breaks after the post was made", { kind: "status-after", status: 502 }],
  ["the line is cut before", { kind: "reset", when: "before" }],
  ["Slack breaks before", { kind: "status", status: 503 }],
];

// They wait for Slack's limits, each in a place of its own.
describe.concurrent.each([
  ["by its event", { echoes: true, showsMetadata: false }],
  ["in the thread", { echoes: false, showsMetadata: true }],
])("a post whose creation got no answer is searched for %s", (_title, proof) => {
  test.each(lost)("and the reply appears once: %s", async (_case, fault) => {
    await using bench = await openSlackBench({ clock: hasty, slack: proof });
    const { slack, platform } = bench;
    const asked = await Promise.all(["C1", "C2", "C3"].map((channel) => ask(bench, channel)));
    for (const channel of ["C1", "C2", "C3"]) slack.fail("chat.postMessage", fault, 1, channel);
    slack.fail("chat.update", fault, 4);
    await Promise.all(asked.map((to) => writeReply(platform, to, long, hasty)));
    expect(asked.map((to) => wordsIn(slack, to))).toEqual(asked.map(() => words(long)));
  });
});

test("a growing post that a person deletes is posted again, and the reply is complete", async () => {
  await using bench = await openSlackBench({ clock: hasty });
  const { slack, platform } = bench;
  const to = await ask(bench, "C1");
  const { channel = "", threadTs = "" } = to.target;
  const written = writeReply(platform, to, long.slice(0, 5_000), hasty);
  await expect.poll(() => slack.posts(channel, threadTs).length, { timeout: 60_000 }).toBe(1);
  await slack.delete(channel, slack.posts(channel, threadTs)[0]?.ts ?? "");
  await written;
  expect(wordsIn(slack, to)).toEqual(words(long.slice(0, 5_000)));
});
