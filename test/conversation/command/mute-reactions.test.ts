import { expect, test } from "vitest";

import { addMuteReaction, removeMuteReaction } from "../../../src/conversation/memory/muting.ts";
import { emptyMemory } from "../../../src/conversation/memory/new-memory.ts";
import { command, muteReaction, said } from "../../support/core/inbounds.ts";
import { openRealBench, type RealBench } from "../../support/core/real-bench.ts";

/** The messages that got an answer, oldest first. */
const answered = ({ platform }: RealBench) => [...new Set(platform.posts.flatMap(({ post }) => post.covers))];
const muted = async (bench: RealBench) => (await bench.remembered())?.muted;

async function openConversation() {
  const bench = await openRealBench();
  await bench.say("a", "The roof garden opens at seven");
  return bench;
}

test("a reaction mutes without a word, until its person removes it", async () => {
  await using bench = await openConversation();
  await bench.take(muteReaction("a", "added"));
  await bench.take(muteReaction("a", "added"));
  expect(bench.platform.told).toEqual([]);
  await bench.say("b", "@bot are you there?");
  expect(bench.platform.told).toEqual([expect.stringMatching(/^I'm muted here\./u)]);
  await bench.take(muteReaction("a", "removed", { by: "grace" }));
  await bench.take(muteReaction("b", "removed"));
  await bench.say("c", "And now?");
  expect(answered(bench)).toEqual(["a"]);
  await bench.take(muteReaction("a", "removed"));
  await bench.say("d", "Well?");
  expect(answered(bench)).toEqual(["a", "d"]);
  expect(bench.platform.told).toHaveLength(1);
});

test("the bot answers again when the last of several people has removed the reaction, or after unmute", async () => {
  await using bench = await openConversation();
  for (const by of ["ada", "grace"]) await bench.take(muteReaction("a", "added", { by }));
  await bench.take(muteReaction("a", "removed"));
  expect((await muted(bench))?.reactions).toEqual([{ by: "grace", message: "a", atMs: 1_000 }]);
  await bench.order("unmute");
  expect(bench.platform.told).toEqual(["I'm back: I answer here again."]);
  await bench.take(muteReaction("a", "removed", { by: "grace" }));
  await bench.say("b", "Hello?");
  expect(answered(bench)).toEqual(["a", "b"]);
});

test("a mute by command outlasts every reaction, whichever came first", async () => {
  await using bench = await openConversation();
  await bench.take(muteReaction("a", "added"));
  await bench.order("mute");
  expect(bench.platform.told.at(-1)).toMatch(/^Muted\./u);
  await bench.take(muteReaction("a", "removed"));
  await bench.take(muteReaction("a", "added"));
  await bench.take(muteReaction("a", "removed"));
  await bench.say("b", "Hello?");
  expect(answered(bench)).toEqual(["a"]);
});

test("a person who may not write there mutes nothing, and is told so alone", async () => {
  await using bench = await openConversation();
  await bench.take({ ...muteReaction("a", "added"), rights: ["read"] });
  expect(bench.platform.told).toEqual(["You can't post here, so I can't do that for you."]);
  expect(await muted(bench)).toBeUndefined();
  await bench.take(muteReaction("a", "added"));
  for (const lift of [command("unmute"), muteReaction("a", "removed")])
    await bench.take({ ...lift, rights: ["read"] });
  expect(await muted(bench)).toBeDefined();
  expect(bench.platform.told).toHaveLength(3);
});

test("a reaction begins no conversation, and moves none up in people's lists", async () => {
  await using bench = await openConversation();
  const listed = () => bench.stores.directory.recent("fake", "room", 10, bench.signal);
  const before = await listed();
  bench.clock.pass(60_000);
  const elsewhere = { conversation: "fake:room:2" } as const;
  expect(await bench.accept(muteReaction("x", "added", elsewhere))).toBe("ignored");
  await bench.take(muteReaction("a", "added"));
  expect(await muted(bench)).toBeDefined();
  expect(await listed()).toEqual(before);
});

test("who mutes by a reaction is forgotten with what they wrote, and the bot stays muted", async () => {
  await using bench = await openConversation();
  await bench.take(said("b", "I'm here too", { by: "grace", addressing: "open" }));
  await bench.take(muteReaction("a", "added", { by: "grace" }));
  await bench.order("forget", "me yes", { by: "grace" });
  await bench.rest();
  expect(await muted(bench)).toEqual({ told: [] });
});

test("the reactions that are kept are bounded", () => {
  let memory = emptyMemory("fake:room:1", { platform: "fake", place: "room" });
  const all = Array.from({ length: 200 }, (_, index) => ({ by: `p${index}`, message: "a", atMs: index }));
  for (const each of all) memory = addMuteReaction(memory, each);
  expect(memory.muted?.reactions).toHaveLength(50);
  for (const { by, message } of all) memory = removeMuteReaction(memory, { by, message, atMs: 300 });
  expect(memory.muted).toBeUndefined();
  expect(memory.unmuted).toHaveLength(50);
  memory = removeMuteReaction(memory, { by: "p1", message: "a", atMs: 3_700_000 });
  expect(memory.unmuted).toHaveLength(1);
});

test("events of reactions that come late change nothing that came after them", async () => {
  await using bench = await openConversation();
  const react = (change: "added" | "removed", saidAtMs: number) =>
    bench.take(muteReaction("a", change, { saidAtMs, by: "grace" }));
  const reactions = async () => (await muted(bench))?.reactions?.map(({ atMs }) => atMs);
  await react("removed", 2_000);
  await react("added", 1_000);
  expect(await muted(bench)).toBeUndefined();
  await react("added", 3_000);
  await react("added", 1_000);
  await react("removed", 2_000);
  expect(await reactions()).toEqual([3_000]);
  await bench.take({ ...muteReaction("a", "removed", { saidAtMs: 1_500, by: "bot" }), ofEveryone: true });
  expect(await reactions()).toEqual([3_000]);
  await react("removed", 4_000);
  expect(await muted(bench)).toBeUndefined();
});

test("a reaction from before an unmute mutes nothing, and one from after it does", async () => {
  await using bench = await openConversation();
  await bench.order("mute");
  await bench.take(command("unmute", "", { saidAtMs: 5_000 }));
  await bench.take(muteReaction("a", "added", { saidAtMs: 4_000 }));
  expect(await muted(bench)).toBeUndefined();
  await bench.take(muteReaction("a", "added", { saidAtMs: 6_000 }));
  expect(await muted(bench)).toBeDefined();
});

test("the bot answers again when all reactions to the message are removed at once", async () => {
  await using bench = await openConversation();
  for (const [message, by] of [
    ["a", "ada"],
    ["a", "grace"],
    ["b", "ada"],
  ] as const)
    await bench.take(muteReaction(message, "added", { by }));
  const cleared = (message: string) => ({
    ...muteReaction(message, "removed", { by: "bot" }),
    ofEveryone: true as const,
  });
  await bench.take(cleared("a"));
  expect((await muted(bench))?.reactions).toMatchObject([{ by: "ada", message: "b" }]);
  await bench.take(cleared("b"));
  await bench.say("c", "Hello?");
  expect(answered(bench)).toEqual(["a", "c"]);
  expect(bench.platform.told).toEqual([]);
});

test("who removed a reaction is forgotten with what they wrote", async () => {
  await using bench = await openConversation();
  await bench.take(said("b", "I'm here too", { by: "grace", addressing: "open" }));
  await bench.take(muteReaction("a", "removed", { by: "grace" }));
  expect((await bench.remembered())?.unmuted).toEqual([{ by: "grace", message: "a", atMs: 1_000 }]);
  await bench.order("forget", "me yes", { by: "grace" });
  await bench.rest();
  expect((await bench.remembered())?.unmuted).toBeUndefined();
});

test("nothing of a mute outlasts the deletion of a shared conversation, which begins at once", async () => {
  await using bench = await openConversation();
  await bench.take(said("b", "I'm here too", { by: "grace", addressing: "open" }));
  await bench.take(muteReaction("a", "removed", { by: "heidi" }));
  await bench.take(muteReaction("a", "added", { by: "heidi", saidAtMs: 2_000 }));
  await bench.order("forget", "this yes");
  const memory = await bench.remembered();
  expect(memory).toHaveProperty("erasing");
  expect([memory?.muted, memory?.unmuted]).toEqual([undefined, undefined]);
});
