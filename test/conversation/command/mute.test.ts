import { expect, test } from "vitest";

import { textOf, type Content } from "../../../src/domain/content.ts";
import { emptyMemory } from "../../../src/conversation/memory/new-memory.ts";
import { callsToTell, mute, rememberTold } from "../../../src/conversation/memory/muting.ts";
import { FakeImageMaker } from "../../support/core/fake-image-maker.ts";
import { command, deleted, edited, muteReaction, said } from "../../support/core/inbounds.ts";
import { openRealBench, type RealBench } from "../../support/core/real-bench.ts";
import { ScriptedModel } from "../../support/core/scripted-model.ts";

const open = { addressing: "open" } as const;
/** The messages that got an answer, oldest first. */
const answered = ({ platform }: RealBench) => [...new Set(platform.posts.flatMap(({ post }) => post.covers))];
const lines = ({ platform }: RealBench) => platform.told.filter((line) => line.startsWith("I'm muted here."));

async function openMuted(options: Parameters<typeof openRealBench>[0] = {}) {
  const bench = await openRealBench(options);
  await bench.say("a", "The roof garden opens at seven");
  await bench.order("mute");
  expect(bench.platform.told.at(-1)).toMatch(/^Muted\..+`unmute`/u);
  expect(bench.platform.offers.at(-1)?.choices).toMatchObject([{ name: "unmute" }]);
  return bench;
}

test("a muted bot answers nothing, goes on to remember, and answers again after unmute", async () => {
  await using bench = await openMuted();
  await bench.take(said("b", "It closes at nine", open));
  await bench.take(said("c", "When does it close?"));
  await bench.take({ ...edited("b", "@bot it closes at ten"), call: said("b", "@bot it closes at ten") });
  expect(answered(bench)).toEqual(["a"]);
  await bench.order("unmute");
  expect(answered(bench)).toEqual(["a"]);
  await bench.say("d", "Well?");
  expect(answered(bench)).toEqual(["a", "d"]);
  const prompt = JSON.stringify(bench.model.prompts.at(-1));
  for (const text of ["opens at seven", "closes at ten", "When does it close?"])
    expect(prompt).toContain(text);
});

test("each person who calls a muted bot is told so in private, once an hour", async () => {
  await using bench = await openMuted();
  await bench.say("b", "@bot are you there?");
  await bench.say("c", "@bot hello?");
  expect(lines(bench)).toHaveLength(1);
  await bench.say("d", "@bot and me?", { by: "grace" });
  expect(lines(bench)).toHaveLength(2);
  const app = said("e", "@bot we too", { by: "app" });
  const author = { ...app.message.author, isApp: true } as const;
  await bench.take({ ...app, mayCall: true, message: { ...app.message, author } });
  await bench.take(said("f", "not for the bot", open));
  expect(lines(bench)).toHaveLength(2);
  bench.clock.pass(3_600_001);
  await bench.say("g", "@bot still?");
  expect(lines(bench)).toHaveLength(3);
  expect(answered(bench)).toEqual(["a"]);
});

test("commands go on to work in a muted conversation, and mute and unmute say what they find", async () => {
  await using bench = await openMuted();
  await bench.order("recall", "roof");
  expect(bench.platform.told.at(-1)).toContain("opens at seven");
  await bench.order("mute");
  expect(bench.platform.told.at(-1)).toMatch(/^I'm already muted here\./u);
  await bench.order("unmute");
  await bench.order("unmute");
  expect(bench.platform.told.at(-1)).toBe("I'm not muted here.");
});

test("a reset keeps the mute, and deleting the conversation ends it", async () => {
  for (const [name, argument] of [
    ["reset", "yes"],
    ["forget", "this yes"],
  ] as const) {
    await using bench = await openMuted();
    await bench.order(name, argument);
    await bench.say("b", "Hello?");
    expect(answered(bench).includes("b")).toBe(name === "forget");
  }
});

test("deleting a shared conversation ends the mute at once", async () => {
  await using bench = await openMuted();
  await bench.take(said("b", "I'm here too", { by: "grace", ...open }));
  await bench.order("forget", "this yes");
  expect(await bench.remembered()).toHaveProperty("erasing");
  await bench.say("c", "Hello?");
  expect(answered(bench)).toContain("c");
});

test("who was told is forgotten with the person", async () => {
  await using bench = await openMuted();
  await bench.say("b", "@bot are you there?", { by: "grace" });
  expect((await bench.remembered())?.muted?.told).toMatchObject([{ by: "grace" }]);
  await bench.order("forget", "me yes", { by: "grace" });
  await bench.rest();
  expect((await bench.remembered())?.muted).toEqual({ told: [] });
});

test("the list of those who were told is bounded", () => {
  const muted = mute(emptyMemory("fake:room:1", { platform: "fake", place: "room" }));
  const calls = Array.from({ length: 200 }, (_, index) => said(`m${index}`, "hi", { by: `p${index}` }));
  const memory = rememberTold(muted, callsToTell(muted, calls, 1_000), 1_000);
  expect(memory.muted?.told).toHaveLength(50);
  expect(callsToTell(memory, calls.slice(-50), 2_000)).toEqual([]);
});

test("an answer that is being written is completed when the bot is muted, and later ones are not begun", async () => {
  const asked = Promise.withResolvers<void>();
  const mayGo = Promise.withResolvers<void>();
  const stopped: boolean[] = [];
  const model = new ScriptedModel(async function* (_prompt, signal) {
    yield "The first half";
    asked.resolve();
    await mayGo.promise;
    stopped.push(signal.aborted);
    yield " and the second.";
  });
  await using bench = await openRealBench({ model });
  await bench.accept(said("a", "When does it open?"));
  const settling = bench.settle();
  await asked.promise;
  expect(await bench.accept(command("mute"))).toBe("stored");
  expect(await bench.accept(said("b", "And when does it close?"))).toBe("stored");
  mayGo.resolve();
  await settling;
  await bench.settle();
  expect(stopped).toEqual([false]);
  expect(bench.platform.shown).toEqual(["The first half and the second."]);
  expect(answered(bench)).toEqual(["a"]);
  expect(bench.platform.told).toEqual([
    expect.stringMatching(/^Muted\./u),
    expect.stringMatching(/^I'm muted here\./u),
  ]);
});

test("calls that come at once are told about in one line for each person", async () => {
  await using bench = await openMuted();
  for (const [id, by] of [
    ["b", "ada"],
    ["c", "grace"],
    ["d", "ada"],
    ["e", "ada"],
  ] as const)
    await bench.accept(said(id, "@bot are you there?", { by }));
  await bench.settle();
  expect(lines(bench)).toHaveLength(2);
});

test.each([
  ["/imagine", command("imagine", "a fox")],
  ["a typed /imagine", said("i", "/imagine a fox")],
  ["@bot imagine", said("i", "imagine a fox")],
])("%s makes its image in a muted conversation", async (_, order) => {
  const imageMaker = new FakeImageMaker();
  await using bench = await openMuted({ imageMaker });
  await bench.take({ ...order, ...("saidAtMs" in order ? { saidAtMs: bench.clock.nowMs() } : {}) });
  await bench.settle();
  expect(imageMaker.prompts).toEqual(["a fox"]);
  expect(bench.platform.shown.at(-1)).toBe("a fox");
  expect(lines(bench)).toEqual([]);
  await bench.say("x", "imagine if foxes could fly?");
  expect(imageMaker.prompts).toHaveLength(1);
  expect(lines(bench)).toHaveLength(1);
});

/** Counts no tokens of a poisonous text: the turn that remembers it fails. */
class PoisonableModel extends ScriptedModel {
  override readonly countTokens = (content: Content): number => {
    if (textOf(content).includes("poison")) throw new Error("boom");
    return 1;
  };
}

/** Until so many turns were given up. */
async function untilGivenUp(bench: RealBench, count: number) {
  const again = async (): Promise<number> => {
    await bench.take(deleted("never said"));
    return (await bench.letters()).length;
  };
  await expect.poll(again, { timeout: 60_000, interval: 1 }).toBe(count);
}

test("a turn that is given up is apologized for in a muted conversation only if it was a command", async () => {
  const imageMaker = new FakeImageMaker();
  imageMaker.answer = () => {
    throw new Error("boom");
  };
  await using bench = await openMuted({ imageMaker, model: new PoisonableModel() });
  const before = bench.platform.shown.length;
  await bench.say("b", "@bot poison?");
  await untilGivenUp(bench, 1);
  expect(bench.platform.shown).toHaveLength(before);
  expect(bench.platform.told.filter((line) => line.startsWith("Sorry"))).toEqual([]);
  expect(await bench.known()).not.toContain("Sorry");
  await bench.say("c", "imagine a fox");
  await untilGivenUp(bench, 2);
  expect(bench.platform.shown.at(-1)).toMatch(/^Sorry/u);
});

test("a reaction that is given up is told to its person alone", async () => {
  await using bench = await openRealBench();
  await bench.say("a", "The roof garden opens at seven");
  const hasRight = () => {
    throw new Error("boom");
  };
  Object.assign(bench.platform, { hasRight });
  await bench.take(muteReaction("a", "added"));
  await untilGivenUp(bench, 1);
  expect(bench.platform.shown).toHaveLength(1);
  expect(bench.platform.told).toEqual([expect.stringMatching(/^Sorry/u)]);
  expect(await bench.known()).not.toContain("Sorry");
});
