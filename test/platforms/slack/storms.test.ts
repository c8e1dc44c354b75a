import { describe, expect, test } from "vitest";

import { ReplyWriter } from "../../../src/conversation/write-reply.ts";
import { conversationKey } from "../../../src/domain/conversation.ts";
import type { ReplyAddress } from "../../../src/domain/reply-address.ts";
import type { Turn } from "../../../src/domain/turn.ts";
import type { SlackPlatform } from "../../../src/platforms/slack/slack-platform.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import type { Journal } from "../../../src/ports/journal.ts";
import { PlatformError } from "../../../src/ports/platform.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { openSlackBench, type SlackBench } from "../../support/slack/slack-bench.ts";
import type { SlackFault } from "../../support/slack/slack-faults.ts";
import { markdownOf } from "../../support/slack/slack-messages.ts";

const signal = new AbortController().signal;
const memory = { recall: async () => ({}) };

/** Waits a tenth of the time. */
const hasty: Clock = { ...systemClock, sleep: (ms, until) => systemClock.sleep(ms / 10, until) };

async function ask({ slack, accepted }: SlackBench, channel: string): Promise<ReplyAddress> {
  const ts = await slack.say({ channel, user: "U1", text: "hello", mention: true });
  const inbound = accepted.inbounds.find((each) => each.kind === "said" && each.message.id === ts);
  if (inbound?.kind !== "said") throw new Error("Nothing was said");
  return inbound.replyTo;
}

/** Writes one reply to its end, as often taken up again from the journal as Slack makes it necessary. */
async function reply(platform: SlackPlatform, replyTo: ReplyAddress, text: string): Promise<void> {
  const conversation = conversationKey(`slack:${replyTo.target["threadTs"]}`);
  const unused = async (): Promise<never> => {
    throw new Error("Not part of writing");
  };
  let journalled: Turn = {
    id: `turn-${conversation}`,
    conversation,
    attempt: 1,
    covers: ["1"],
    replyTo,
    posts: [],
  };
  const journal: Journal = {
    take: unused,
    running: unused,
    finish: unused,
    setMemoryAside: unused,
    note: async (_lease, turn) => {
      journalled = turn;
    },
    assertCurrent: async () => undefined,
  };
  const lease = { conversation, epoch: 1, name: "l" };
  const asked = replyTo.target["threadTs"] ?? "";
  for (;;) {
    const ports = { journal, memory, platform, clock: hasty };
    const writer = new ReplyWriter(ports, lease, journalled, [asked]);
    try {
      await writer.open(signal);
      for (let length = 2_000; length < text.length; length += 8_000) {
        writer.grow(text.slice(0, length), signal);
        await hasty.sleep(2_500, signal);
      }
      await writer.close(text, signal);
      return;
    } catch (error) {
      await writer.settle();
      if (!(error instanceof PlatformError)) throw error;
      await hasty.sleep(Math.max(250, error.retryAfterMs), signal);
    }
  }
}

/** 26,000 characters: four posts. */
const long = Array.from({ length: 2_000 }, (_, count) => `word ${count} `).join("\n");

function wordsIn(slack: SlackBench["slack"], to: ReplyAddress): readonly string[] {
  const { channel = "", threadTs = "" } = to.target;
  return words(slack.posts(channel, threadTs).map(markdownOf).join("\n"));
}

function words(text: string): readonly string[] {
  return text.split(/\s+/u).filter((word) => word !== "");
}

test("when Slack asks most calls to slow down for a while, every reply is whole in the end, and none doubled", async () => {
  await using bench = await openSlackBench({ clock: hasty });
  const { slack, platform } = bench;
  const asked = await Promise.all(["C1", "C2", "C3", "C4", "C5", "C6"].map((channel) => ask(bench, channel)));
  const slower: SlackFault = { kind: "rate-limited", retryAfterSeconds: 1 };
  for (const method of ["chat.postMessage", "chat.update"]) slack.fail(method, slower, 40);
  await Promise.all(asked.map((to) => reply(platform, to, long)));
  expect(asked.map((to) => wordsIn(slack, to))).toEqual(asked.map(() => words(long)));
  // What Slack refused is never looked for: that would only feed the storm.
  expect(slack.calls("conversations.replies")).toEqual([]);
}, 60_000);

test("one channel's limit slows no other channel down", async () => {
  await using bench = await openSlackBench();
  const { slack, platform } = bench;
  const [slow, fast] = [await ask(bench, "C1"), await ask(bench, "C2")];
  slack.fail("chat.postMessage", { kind: "rate-limited", retryAfterSeconds: 600 }, 1_000, "C1");
  const post = { turn: "t1", part: 0, covers: [], text: "Hi", state: "writing" } as const;
  const startedAtMs = Date.now();
  const results = await Promise.allSettled(
    Array.from({ length: 20 }, (_, count) =>
      platform.createPost(count % 2 === 0 ? slow : fast, { ...post, turn: `t${count}` }, signal),
    ),
  );
  expect(Date.now() - startedAtMs).toBeLessThan(5_000);
  expect(results.map(({ status }) => status)).toEqual(
    results.map((_, count) => (count % 2 === 0 ? "rejected" : "fulfilled")),
  );
});

const lost: readonly (readonly [string, SlackFault])[] = [
  ["the line is cut after the post was made", { kind: "reset", when: "after" }],
  ["Slack breaks after the post was made", { kind: "status-after", status: 502 }],
  ["the line is cut before", { kind: "reset", when: "before" }],
  ["Slack breaks before", { kind: "status", status: 503 }],
];

describe.each([
  ["by its event", { echoes: true, showsMetadata: false }],
  ["in the thread", { echoes: false, showsMetadata: true }],
])("a post whose making was not answered is looked for %s", (_title, proof) => {
  test.each(lost)("and the reply stands there once: %s", async (_case, fault) => {
    await using bench = await openSlackBench({ clock: hasty, slack: proof });
    const { slack, platform } = bench;
    const asked = await Promise.all(["C1", "C2", "C3"].map((channel) => ask(bench, channel)));
    for (const channel of ["C1", "C2", "C3"]) slack.fail("chat.postMessage", fault, 1, channel);
    slack.fail("chat.update", fault, 4);
    await Promise.all(asked.map((to) => reply(platform, to, long)));
    expect(asked.map((to) => wordsIn(slack, to))).toEqual(asked.map(() => words(long)));
  });
});
