import { expect, test } from "vitest";

import { clockAt } from "../../support/clock-at.ts";
import { openSlackBench, type SlackBench } from "../../support/slack/slack-bench.ts";
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
