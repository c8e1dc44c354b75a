import { describe, expect, test } from "vitest";

import { PlatformError } from "../../../src/ports/platform-error.ts";
import type { PostId } from "../../../src/domain/message.ts";
import { turnShown } from "../../support/core/again-bench.ts";
import { againPress, answerPress, deleted, said } from "../../support/core/inbounds.ts";
import { add, buttons, openAsking, requestIn } from "../../support/core/open-asking.ts";
import type { RealBench } from "../../support/core/real-bench.ts";

const here = "fake:room:1";
const minuteMs = 60_000;
const dayMs = 86_400_000;
const over = "This request is no longer open, so your press changed nothing.";
const notDone = expect.stringContaining("Nobody approved this in time");

/** Deletes the newest post, as a moderator does. Its platform tells of it or does not. */
async function deleteRequest(bench: RealBench, isTold: boolean): Promise<void> {
  const id: PostId = bench.platform.posts.findLast(({ isDeleted }) => !isDeleted)?.id ?? "room/none";
  await bench.platform.deletePost({ platform: "fake", target: {} }, id);
  if (isTold) await bench.take(deleted(id.slice("room/".length)));
}

function close(bench: RealBench, kind: "forbidden" | "gone" = "forbidden"): void {
  bench.platform.before = (what) => {
    if (what !== "tell") throw new PlatformError(kind, "no");
  };
}

describe("a request whose post a person deletes", () => {
  test("is made again in a new post, and the old one's press changes nothing", async () => {
    await using asking = await openAsking();
    const { bench, list } = asking;
    await bench.say("one", "write down milk");
    const request = requestIn(bench);
    await deleteRequest(bench, true);
    expect(bench.platform.shown).toEqual(["**May I write down milk?**"]);
    await bench.take(answerPress("approve", request));
    expect(bench.platform.told).toEqual([over]);
    expect(list.keys).toEqual([]);
    await bench.take(answerPress("approve", requestIn(bench)));
    expect(bench.platform.shown).toEqual(["milk is on it."]);
    expect(list.keys).toHaveLength(1);
  });

  test("again and again ends without an answer, and the next question is answered", async () => {
    await using asking = await openAsking();
    const { bench, list } = asking;
    await bench.say("one", "write down milk");
    for (let times = 0; times < 8; times += 1) await deleteRequest(bench, true);
    expect(bench.platform.shown).toEqual([]);
    expect(bench.platform.posts.length).toBeLessThan(8);
    await bench.say("two", "hello");
    expect(bench.platform.shown).toEqual(["Answer to Ada: hello"]);
    expect(list.keys).toEqual([]);
  });

  test("of which the platform says nothing, expires, and its answer comes in a new post", async () => {
    await using asking = await openAsking();
    const { bench, list } = asking;
    await bench.say("one", "write down milk");
    await deleteRequest(bench, false);
    bench.clock.pass(16 * minuteMs);
    await bench.schedule(here);
    expect(bench.platform.shown).toEqual([notDone]);
    expect(list.keys).toEqual([]);
  });
});

describe("in a place that is closed to the bot while a request waits, the person is told", () => {
  test.each([
    ["what was done", "This was done: write down milk.", () => "Done."],
    [
      "what may have been done",
      "I don't know if this was done. Please check: write down milk.",
      () => {
        throw new Error("no connection");
      },
    ],
  ])("%s", async (_, line, write) => {
    for (const kind of ["forbidden", "gone"] as const) {
      await using asking = await openAsking();
      const { bench } = asking;
      Object.assign(asking.list, { run: async () => ({ text: write() }) });
      await bench.say("one", "write down milk");
      const request = requestIn(bench);
      close(bench, kind);
      await bench.take(answerPress("approve", request));
      expect(bench.platform.told).toEqual([expect.stringContaining(line)]);
      expect(bench.platform.told[0]).toContain("I can't reply to");
    }
  });

  test("only the reason, where nothing was done", async () => {
    await using asking = await openAsking();
    const { bench, list } = asking;
    await bench.say("one", "write down milk");
    close(bench);
    bench.clock.pass(16 * minuteMs);
    await bench.schedule(here);
    expect(bench.platform.told).toEqual([expect.stringMatching(/^I can't reply to [^\n]*$/u)]);
    expect(list.keys).toEqual([]);
  });
});

describe("retention, while a request waits,", () => {
  test("removes an old message, and the question is asked again from what is left", async () => {
    await using asking = await openAsking(undefined, undefined, { retentionDays: 1 });
    const { bench, list } = asking;
    await bench.say("zero", "my secret is swordfish-4711");
    await bench.file();
    bench.clock.pass(dayMs - 5 * minuteMs);
    await bench.say("one", "write down milk");
    const request = requestIn(bench);
    bench.clock.pass(10 * minuteMs);
    await bench.expire();
    await bench.settle();
    expect(await bench.known()).not.toContain("swordfish-4711");
    expect(bench.platform.shown.at(-1)).toBe("**May I write down milk?**");
    await bench.take(answerPress("approve", request));
    expect(bench.platform.told).toEqual([over]);
    await bench.take(answerPress("approve", requestIn(bench)));
    expect(list.keys).toHaveLength(1);
  });

  test("leaves a question alone that is older than that, until it is answered", async () => {
    await using asking = await openAsking(undefined, undefined, { retentionDays: 1 });
    const { bench, list } = asking;
    await bench.say("zero", "my secret is swordfish-4711");
    await bench.file();
    await bench.accept(said("one", "write down milk", { saidAtMs: bench.clock.nowMs() }));
    bench.clock.pass(dayMs - minuteMs);
    await bench.settle();
    bench.clock.pass(5 * minuteMs);
    await bench.expire();
    await bench.settle();
    await bench.take(answerPress("approve", requestIn(bench)));
    expect(bench.platform.shown.at(-1)).toBe("milk is on it.");
    expect(list.keys).toHaveLength(1);
  });
});

test("a request ends when its asker is forgotten, and their messages with it", async () => {
  await using asking = await openAsking();
  const { bench, list } = asking;
  await bench.say("zero", "hello", { by: "bob" });
  await bench.say("one", "write down milk");
  const request = requestIn(bench);
  const order = { conversation: "fake:room:2", place: "room2" } as const;
  await bench.order("forget", "me yes", order);
  await bench.rest();
  expect(buttons(bench)).toEqual([]);
  expect(await bench.known()).not.toContain("write down milk");
  await bench.take(answerPress("approve", request));
  expect(bench.platform.told).toContain(over);
  expect(list.keys).toEqual([]);
  await bench.say("two", "hello again", { by: "bob" });
  expect(bench.platform.shown.at(-1)).toBe("Answer to Bob: hello again");
});

test("a call that goes on with a cut answer is approved, made once, and told in the same answer", async () => {
  await using asking = await openAsking();
  const { bench, list, model } = asking;
  model.isCut = true;
  await bench.say("a", "what shall we do?");
  model.isCut = false;
  const { calls } = model;
  model.calls = ({ calls: made = [] }) => (made.length === 0 ? [add("milk")] : []);
  await bench.take(againPress("continue", turnShown(bench)));
  const request = requestIn(bench);
  expect(list.keys).toEqual([]);
  expect(bench.platform.shown).toEqual([
    expect.stringMatching(/^Answer to Ada: what shall we.+write down milk/su),
  ]);
  await bench.take(answerPress("approve", request));
  model.calls = calls;
  expect(list.keys).toHaveLength(1);
  expect(bench.platform.shown).toEqual([
    expect.stringMatching(/^Answer to Ada: what shall we.+milk is on it\.$/su),
  ]);
  await bench.rest();
  expect((await bench.archived()).map(({ text }) => text)).toEqual([
    "what shall we do?",
    ...bench.platform.shown,
  ]);
});
