import { describe, expect, test } from "vitest";

import { said } from "../support/core/inbounds.ts";
import { openRealBench, type RealBench } from "../support/core/real-bench.ts";

const secret = "swordfish-4711";

const answer = (bench: RealBench, id: string, text: string, more: Parameters<typeof said>[2] = {}) =>
  bench.take(said(id, text, { saidAtMs: bench.clock.nowMs(), ...more }));

async function askedToForget(): Promise<RealBench> {
  const bench = await openRealBench();
  await bench.say("a", `my code is ${secret}`);
  await answer(bench, "b", "forget this");
  expect(bench.platform.told.at(-1)).toContain("reply `yes`");
  return bench;
}

describe("a question whether an order is meant", () => {
  test.each(["yes", "Yes!", "yes please"])("takes %j from the person who was asked", async (text) => {
    await using bench = await askedToForget();
    const asked = bench.model.prompts.length;
    await answer(bench, "c", text, { addressing: "open" });
    expect(bench.platform.told.at(-1)).toContain("Done. I deleted all");
    expect(bench.model.prompts).toHaveLength(asked);
    await bench.rest();
    expect(await bench.known()).not.toContain(secret);
  });

  test("takes a yes from nobody else, and none that is for others", async () => {
    await using bench = await askedToForget();
    await answer(bench, "c", "yes", { by: "bob", addressing: "open" });
    await answer(bench, "d", "yes", { addressing: "others" });
    expect(await bench.known()).toContain(secret);
  });

  test("is over when the person says something else, or five minutes later", async () => {
    await using bench = await askedToForget();
    await answer(bench, "c", "wait, what is my code?");
    await answer(bench, "d", "yes");
    expect(await bench.known()).toContain(secret);
    await answer(bench, "e", "forget this");
    bench.clock.pass(5 * 60_000 + 1);
    await answer(bench, "f", "yes");
    expect(await bench.known()).toContain(secret);
    expect(bench.platform.told.join()).not.toContain("Done.");
  });

  test("is over when the bot has answered somebody else in between", async () => {
    await using bench = await askedToForget();
    await answer(bench, "c", "shall I book the hall?", { by: "bob" });
    await answer(bench, "d", "yes", { addressing: "open" });
    expect(await bench.known()).toContain(secret);
  });

  test("takes the yes that waits behind it", async () => {
    await using bench = await openRealBench();
    await bench.say("a", `my code is ${secret}`);
    await bench.accept(said("b", "forget this", { saidAtMs: bench.clock.nowMs() }));
    await bench.accept(said("c", "yes", { saidAtMs: bench.clock.nowMs(), addressing: "open" }));
    await bench.settle();
    await bench.rest();
    expect(await bench.known()).not.toContain(secret);
  });

  test("takes the yes in a direct message, where it may have been shown", async () => {
    await using bench = await openRealBench();
    await bench.say("a", `my code is ${secret}`);
    await answer(bench, "b", "forget this", { conversation: "fake:room:1" });
    const direct = { conversation: "fake:dm:ada", place: "dm", addressing: "direct" } as const;
    await answer(bench, "c", "yes", direct);
    await bench.rest();
    expect(bench.platform.told.at(-1)).toContain("Done. I deleted all");
    expect(await bench.known()).not.toContain(secret);
    expect(bench.model.prompts).toHaveLength(1);
    await answer(bench, "d", "yes", direct);
    expect(bench.model.prompts).toHaveLength(2);
  });

  test("of an order that begins no conversation is answered too", async () => {
    await using bench = await openRealBench();
    await bench.say("a", `my code is ${secret}`);
    const direct = { conversation: "fake:dm:ada", place: "dm", addressing: "direct" } as const;
    await answer(bench, "b", "forget me", direct);
    await answer(bench, "c", "yes", direct);
    await bench.rest();
    expect(await bench.known()).not.toContain(secret);
  });
});

test("a mistyped order is asked about, and a yes does what was meant", async () => {
  await using bench = await openRealBench();
  await bench.say("a", `my code is ${secret}`);
  await answer(bench, "b", "forgett this");
  expect(bench.platform.told.at(-1)).toContain("Did you mean `forget this`?");
  await answer(bench, "c", "yes");
  expect(bench.platform.told.at(-1)).toContain("permanently deletes");
  await answer(bench, "d", "yes");
  await bench.rest();
  expect(await bench.known()).not.toContain(secret);
  expect(bench.model.prompts).toHaveLength(1);
});

test("the model is told that it can't erase", async () => {
  await using bench = await openRealBench();
  const { instructionsWith } = await import("../../src/conversation/prompt-builder.ts");
  await bench.say("a", "hello");
  expect(instructionsWith("")).toMatch(/can't erase, reset or export anything yourself/u);
});
