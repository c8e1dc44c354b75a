import { describe, expect, test } from "vitest";

import { isSummaryDue, summarize } from "../../../src/conversation/summary/summarize.ts";
import { deleted, said } from "../../support/core/inbounds.ts";
import { openRealBench, type RealBench } from "../../support/core/real-bench.ts";
import { ScriptedModel } from "../../support/core/scripted-model.ts";
import { isSummaryRequest } from "../../support/openai/bad-summariser.ts";

const here = "fake:room:1";
const long = "and so on it goes, as it does on such days. ".repeat(40);

/** Answers at length if asked to, and with a word otherwise. */
function modelThatWrites(): ScriptedModel {
  return new ScriptedModel(async function* (prompt) {
    if (isSummaryRequest(prompt)) yield "- They chatted [1]";
    else yield prompt.messages.at(-1)?.text.includes("at length") === true ? long : "Yes.";
  });
}

/** Talks until a summary is needed. */
async function fill(bench: RealBench): Promise<void> {
  for (let count = 0; bench.requestedSummaries().length === 0; count += 1) {
    expect(count).toBeLessThan(100);
    await bench.say(`f${count}`, `chatting on, number ${count}, ${long.slice(0, 100)}`);
  }
}

async function makeSummary(bench: RealBench): Promise<void> {
  await bench.summarizeAll();
  await bench.settle();
  await bench.file();
}

describe("a turn requests a summary", () => {
  test("as soon as its own answer makes the prompt too long", async () => {
    await using bench = await openRealBench({ model: modelThatWrites(), contextTokens: 2_000 });
    for (let count = 0; bench.requestedSummaries().length === 0; count += 1) {
      expect(count).toBeLessThan(20);
      await bench.say(`m${count}`, "tell me at length");
    }
    expect(bench.requestedSummaries()).toEqual([here]);
    const memory = await bench.remembered();
    const before = memory && { ...memory, messages: memory.messages.slice(0, -1) };
    expect([memory, before].map((each) => each && isSummaryDue(bench.ports.settingsAt, each))).toEqual([
      true,
      false,
    ]);
  });

  test("exactly when one would be made", async () => {
    await using bench = await openRealBench({ model: modelThatWrites(), contextTokens: 2_000 });
    let made = 0;
    for (let count = 0; count < 60; count += 1) {
      await bench.say(`m${count}`, `chatting on, number ${count}, ${long.slice(0, 150)}`);
      const isRequested = bench.requestedSummaries().includes(here);
      const isMade = await summarize(bench.ports, here, bench.signal);
      expect(isRequested).toBe(isMade);
      if (isMade === true) made += 1;
      bench.forgetRequests();
      await bench.settle();
      bench.forgetRequests();
      await bench.file();
    }
    expect(made).toBeGreaterThan(1);
  });

  test("when a message that the summary covers is deleted", async () => {
    await using bench = await openRealBench({ model: modelThatWrites(), contextTokens: 2_000 });
    await fill(bench);
    await makeSummary(bench);
    expect((await bench.remembered())?.summary?.lines.length).toBeGreaterThan(0);
    expect(bench.requestedSummaries()).toEqual([]);
    await bench.take(deleted("f0"));
    expect(bench.requestedSummaries()).toEqual([here]);
  });

  test("when messages are left out of prompts", async () => {
    await using bench = await openRealBench({ model: modelThatWrites(), contextTokens: 2_000 });
    while (((await bench.remembered())?.leftOut ?? 0) === 0) {
      const count = (await bench.remembered())?.nextOrdinal ?? 1;
      expect(count).toBeLessThan(200);
      await bench.say(`m${count}`, `chatting on, ${long.slice(0, 100)}`);
    }
    bench.forgetRequests();
    await bench.say("next", "hello");
    expect(bench.requestedSummaries()).toEqual([here]);
  });

  test("again after a restart or a failure lost the request", async () => {
    await using bench = await openRealBench({ model: modelThatWrites(), contextTokens: 2_000 });
    await fill(bench);
    bench.forgetRequests();
    await bench.say("next", "hello");
    expect(bench.requestedSummaries()).toEqual([here]);
    await makeSummary(bench);
    await bench.say("last", "hello");
    expect(bench.requestedSummaries()).toEqual([]);
  });

  test("once a person has spoken, where only apps wrote before", async () => {
    await using bench = await openRealBench({ model: modelThatWrites(), contextTokens: 2_000 });
    await bench.say("m1", "hello");
    const app = { id: "robot", name: "Robot", isApp: true } as const;
    for (let count = 0; count < 4; count += 1) {
      const { message, ...inbound } = said(`a${count}`, long, { addressing: "open" });
      await bench.take({ ...inbound, message: { ...message, author: app } });
    }
    expect(bench.requestedSummaries()).toEqual([]);
    await bench.say("m2", "hello");
    expect(bench.requestedSummaries()).toEqual([here]);
  });
});

test("a turn that needs no summary asks no store for it", async () => {
  const locks: string[] = [];
  await using bench = await openRealBench({
    model: modelThatWrites(),
    stores: (real) => ({
      ...real,
      locks: { tryLock: (name, signal) => (locks.push(name), real.locks.tryLock(name, signal)) },
    }),
  });
  for (const id of ["m1", "m2", "m3"]) await bench.say(id, "hello");
  await makeSummary(bench);
  expect(locks).toEqual([]);
});
