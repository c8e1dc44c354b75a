// How long people wait for the first words after the model's first piece, and how an answer grows: one answer, and a hundred in
// a hundred workspaces, in DMs (streams) and in channels (edits). The stand-ins for Slack run in the same process.
// `npm run first-text`.
import { setTimeout } from "node:timers/promises";

import { systemClock } from "../src/runtime/clock.ts";
import { openSlackBench, type SlackBench } from "../test/support/slack/slack-bench.ts";
import { markdownOf } from "../test/support/slack/slack-messages.ts";
import { ask, openTurn } from "../test/support/slack/write-reply.ts";

const piece = "word ";
const pieces = 150;
const everyMs = 20;
const { signal } = new AbortController();

interface Measured {
  readonly firstMs: number;
  /** Writes that people saw. */
  readonly writes: number;
}

/** Writes an answer whose pieces come every 20 ms, and looks at its post. */
async function answer(bench: SlackBench, channel: string): Promise<Measured> {
  const to = await ask(bench, channel);
  const { threadTs = "" } = to.target;
  const writer = openTurn(to).writer(bench.platform, systemClock);
  await writer.open(signal);
  await writer.opened;
  // Answers begin at different times.
  await setTimeout(200 + Math.random() * 1_000);
  const startedAtMs = performance.now();
  let firstMs = 0;
  const seen = (): string => bench.slack.posts(channel, threadTs).map(markdownOf).join("");
  const look = setInterval(() => {
    if (!seen().includes("wo")) return;
    firstMs = performance.now() - startedAtMs;
    clearInterval(look);
  }, 2);
  let text = "";
  for (let count = 0; count < pieces; count += 1) {
    text += piece;
    writer.grow(text, signal);
    await setTimeout(everyMs);
  }
  await writer.saveTurn({ answer: text }, signal);
  await writer.close(text, signal);
  clearInterval(look);
  if (seen() !== text.trim()) throw new Error("The answer is not whole");
  const [post] = bench.slack.posts(channel, threadTs);
  return { firstMs, writes: post?.edits.length ?? 0 };
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
}

for (const [name, channel] of [
  ["DM", "D1"],
  ["channel", "C1"],
] as const) {
  for (const count of [1, 100]) {
    await using opened = new AsyncDisposableStack();
    const benches: SlackBench[] = [];
    for (let each = 0; each < count; each += 1) benches.push(opened.use(await openSlackBench()));
    const measured: Measured[] = [];
    for (let times = 0; times < (count === 1 ? 5 : 1); times += 1)
      measured.push(...(await Promise.all(benches.map((bench) => answer(bench, channel)))));
    const first = measured.map(({ firstMs }) => firstMs);
    const writes = measured.map((each) => each.writes);
    process.stdout.write(
      `${name}, ${count} at once: first words after ${percentile(first, 0.5)} ms (median), ${percentile(first, 0.95)} ms (95 %), ` +
        `${percentile(first, 1)} ms (longest); ${percentile(writes, 0.5)} writes in ${(pieces * everyMs) / 1_000} s\n`,
    );
  }
}
