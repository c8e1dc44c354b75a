import { expect, test } from "vitest";

import { placeInboxOf } from "../../../src/domain/conversation.ts";
import type { Joined } from "../../../src/domain/inbound.ts";
import { PlatformError } from "../../../src/ports/platform-error.ts";
import { openRealBench } from "../../support/core/real-bench.ts";

const added: Joined = {
  kind: "joined",
  conversation: placeInboxOf("fake", "room"),
  dedupeId: "fake:joined:room",
  platform: "fake",
  place: "room",
  replyTo: { platform: "fake", target: { room: "1" } },
};

test("the bot introduces itself once where it is added, and remembers nothing of it", async () => {
  await using bench = await openRealBench();
  expect(await bench.accept(added)).toBe("stored");
  expect(await bench.accept(added)).toBe("duplicate");
  await bench.settle();
  expect(await bench.accept(added)).toBe("duplicate");
  await bench.settle();
  await bench.rest();
  expect(bench.platform.shown).toHaveLength(1);
  for (const part of [
    "Mention me",
    "What I remember",
    "the threads that I'm called into",
    "Who can see it",
    "/forget",
  ])
    expect(bench.platform.shown[0]).toContain(part);
  expect(bench.platform.shown[0]?.length).toBeLessThan(500);
  expect(bench.platform.posts[0]?.post).toMatchObject({ state: "done", covers: [], actions: [] });
  expect(bench.model.prompts).toEqual([]);
  expect(await bench.remembered(added.conversation)).toBe(undefined);
  expect(await bench.stores.directory.recent("fake", "room", 10, bench.signal)).toEqual([]);
  expect(await bench.stores.inbox.waiting(added.conversation, bench.signal)).toEqual([]);
  await bench.say("a", "hello bot");
  expect(JSON.stringify(bench.model.prompts)).not.toContain("introduce");
});

test.each([
  ["what it says where it answers every message", "always", "what is said in this channel from now on"],
  ["what it says where it needs a mention", "mention", "the threads that I'm called into"],
] as const)("the note follows the reply mode: %s", async (_, replyMode, part) => {
  await using bench = await openRealBench({
    changed: ({ place }) => (place === "room" ? { replyMode } : {}),
  });
  await bench.take(added);
  expect(bench.platform.shown[0]).toContain(part);
});

test("the bot says nothing where it answers nothing", async () => {
  await using bench = await openRealBench({ changed: () => ({ replyMode: "off" }) });
  await bench.take(added);
  expect(bench.platform.posts).toEqual([]);
  expect(await bench.stores.inbox.waiting(added.conversation, bench.signal)).toEqual([]);
});

test("where the bot may not post, it says nothing, and the log tells so", async () => {
  await using bench = await openRealBench();
  bench.platform.before = () => {
    throw new PlatformError("forbidden", "restricted", { closed: "restricted" });
  };
  await bench.take(added);
  await bench.rest();
  expect(bench.platform.posts).toEqual([]);
  expect(bench.platform.told).toEqual([]);
  expect(
    bench.log.lines.filter(({ message }) => message.includes("can't post where it was added")),
  ).toMatchObject([{ level: "info" }]);
  expect(await bench.stores.inbox.waiting(added.conversation, bench.signal)).toEqual([]);
});

test("a note that can't be posted now is posted later, once", async () => {
  await using bench = await openRealBench();
  let isAway = true;
  bench.platform.before = () => {
    if (isAway) throw new PlatformError("unreachable", "away");
  };
  await bench.take(added);
  isAway = false;
  await expect
    .poll(
      async () => {
        await bench.schedule(added.conversation);
        return bench.platform.shown.length;
      },
      { timeout: 60_000, interval: 1 },
    )
    .toBe(1);
});
