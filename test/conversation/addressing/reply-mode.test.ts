import { expect, test } from "vitest";

import type { ReplyMode } from "../../../src/domain/turn-settings.ts";
import { edited, said } from "../../support/core/inbounds.ts";
import { BackfilledPlatform } from "../../support/core/seeded-platform.ts";
import { openRealBench, type RealBench } from "../../support/core/real-bench.ts";

const inMode = (replyMode: ReplyMode) => openRealBench({ changed: () => ({ replyMode }) });
const open = { addressing: "open" } as const;
/** The messages that got an answer, oldest first. */
const answered = ({ platform }: RealBench) => [...new Set(platform.posts.flatMap(({ post }) => post.covers))];

test("in mode mention, a follow-up of one person is only context", async () => {
  await using bench = await inMode("mention");
  await bench.take(said("a", "Hello bot"));
  await bench.take(said("b", "I like rain", open));
  expect(answered(bench)).toEqual(["a"]);
  await bench.take(said("c", "What do I like?", { addressing: "reply" }));
  expect(answered(bench)).toContain("c");
  expect(JSON.stringify(bench.model.prompts.at(-1))).toContain("I like rain");
});

test("in mode always, a message to no one starts a conversation, also between several people", async () => {
  await using bench = await inMode("always");
  await bench.take(said("a", "Where is the key?", open));
  await bench.take(said("b", "And the car?", { ...open, by: "Grace" }));
  await bench.take(said("c", "@Ada look", { addressing: "others" }));
  expect(answered(bench)).toEqual(["a", "b"]);
  expect(await bench.holds("c")).toBe(true);
});

test("in mode always, an edit that adds a mention causes no second answer", async () => {
  await using bench = await inMode("always");
  await bench.take(said("a", "Where is the key?", open));
  const call = said("a", "@bot where is the key?");
  await bench.take({ ...edited("a", "@bot where is the key?"), call });
  expect(answered(bench)).toEqual(["a"]);
  expect(bench.platform.shown).toHaveLength(1);
});

test("in mode off, nothing is answered and no byte of a message is stored", async () => {
  await using bench = await inMode("off");
  for (const addressing of ["mention", "direct", "reply", "open", "others"] as const)
    await bench.take(said(`m-${addressing}`, "a turquoise secret", { addressing }));
  await bench.take({ ...edited("x", "a turquoise edit"), call: said("x", "a turquoise edit") });
  expect(bench.platform.shown).toEqual([]);
  expect(bench.kept()).not.toContain("turquoise");
  expect(await bench.remembered()).toBe(undefined);
});

test("in mode off, edits and commands still change stored messages", async () => {
  let replyMode: ReplyMode = "thread";
  await using bench = await openRealBench({ changed: () => ({ replyMode }) });
  await bench.take(said("a", "My name is Ada"));
  replyMode = "off";
  await bench.take(said("b", "Are you there?"));
  await bench.take(edited("a", "My name is Eve"));
  expect(await bench.known()).toContain("Eve");
  expect(await bench.holds("b")).toBe(false);
  await bench.order("forget", "this yes");
  expect(await bench.holds("a")).toBe(false);
});

test("in mode off, a message that was accepted before is remembered, and not answered", async () => {
  let replyMode: ReplyMode = "thread";
  await using bench = await openRealBench({ changed: () => ({ replyMode }) });
  await bench.accept(said("a", "Are you there?"));
  replyMode = "off";
  await bench.settle();
  expect(bench.platform.shown).toEqual([]);
  expect(await bench.holds("a")).toBe(true);
});

test("an answer that was given before the mode changed is kept", async () => {
  let replyMode: ReplyMode = "always";
  await using bench = await openRealBench({ changed: () => ({ replyMode }) });
  bench.platform.before = (_what, post) => {
    if (post?.state !== "done") return;
    replyMode = "mention";
    bench.platform.before = () => undefined;
    throw new Error("a fault after the answer");
  };
  await bench.accept(said("a", "Where is the key?", open));
  await bench.settle();
  expect(replyMode).toBe("mention");
  await bench.schedule("fake:room:1");
  const roles = async () => (await bench.remembered())?.messages.map(({ role }) => role);
  expect(await roles()).toEqual(["person", "bot"]);
});

test("in mode off, a command reads no earlier messages", async () => {
  const platform = new BackfilledPlatform("a turquoise secret", 500);
  await using bench = await openRealBench({ platform, changed: () => ({ replyMode: "off" }) });
  await bench.order("summary");
  expect(bench.kept()).not.toContain("turquoise");
});
