import { expect, test } from "vitest";

import { clockAt } from "../../support/clock-at.ts";
import { openSlackBench, type SlackBench } from "../../support/slack/slack-bench.ts";
import { markdownOf } from "../../support/slack/slack-messages.ts";
import { ask, writeReply } from "../../support/slack/write-reply.ts";

/** An answer that streams for twenty seconds. */
const answer = Array.from({ length: 40 }, (_, count) => `word ${count}`).join(" ");

/** The text of each question's thread after each update. */
function updatesOf({ slack }: SlackBench): ReadonlyMap<string, readonly string[]> {
  const updates = new Map<string, string[]>();
  for (const { args, error } of slack.calls("chat.update")) {
    if (error !== undefined) continue;
    const key = String(args["ts"]);
    updates.set(key, [...(updates.get(key) ?? []), String(args["text"])]);
  }
  return updates;
}

test("eight people on two replicas see first words, and no finished answer waits for growing ones", async () => {
  const clock = clockAt(10);
  await using opened = await openSlackBench({ clock });
  opened.slack.rates.set("chat.update", { calls: 50, windowMs: 60_000 }, clock.nowMs);
  const other = await opened.join();
  const replicas = [opened.platform, other];
  const asked = await Promise.all(Array.from({ length: 8 }, (_, count) => ask(opened, `C${count}`)));
  const waits = await Promise.all(
    asked.map((to, index) => writeReply(replicas[index % 2] ?? other, to, answer, clock)),
  );
  expect(waits).toEqual(asked.map(() => 0));
  const updates = [...updatesOf(opened).values()];
  expect(updates.map((texts) => texts.at(-1))).toEqual(asked.map(() => answer));
  expect(updates.map((texts) => texts.length).filter((times) => times < 2)).toEqual([]);
  expect(opened.slack.rates.refused.get("chat.update")).toBeUndefined();
});

const tiers = [
  ["chat.startStream", 20],
  ["chat.appendStream", 100],
  ["chat.stopStream", 20],
  ["chat.update", 50],
] as const;

test("forty answers in DMs within two minutes, on two replicas, keep to Slack's limits and are whole", async () => {
  const clock = clockAt(20);
  await using opened = await openSlackBench({ clock });
  const { slack } = opened;
  slack.streams.nowMs = clock.nowMs;
  for (const [method, calls] of tiers) slack.rates.set(method, { calls, windowMs: 60_000 }, clock.nowMs);
  const other = await opened.join();
  const replicas = [opened.platform, other];
  const asked = await Promise.all(Array.from({ length: 40 }, (_, count) => ask(opened, `D${count}`)));
  await Promise.all(
    asked.map(async (to, index) => {
      await clock.sleep(index * 3_000, new AbortController().signal);
      await writeReply(replicas[index % 2] ?? other, to, answer, clock);
    }),
  );
  const shown = asked.map(({ target: { channel = "", threadTs = "" } }) =>
    slack.posts(channel, threadTs).map(markdownOf),
  );
  expect(shown).toEqual(asked.map(() => [answer]));
  // More would have no call left for their ends.
  expect(slack.streams.all.length).toBeGreaterThan(15);
  expect(slack.streams.all.length).toBeLessThan(40);
  expect(slack.streams.open).toEqual([]);
  expect([...slack.rates.refused]).toEqual([]);
});
