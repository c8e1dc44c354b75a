import { expect, test } from "vitest";

import { buildInstructions } from "../../../src/conversation/prompt/build-prompt.ts";
import { noLimits } from "../../support/core/no-limits.ts";
import type { SettingsScope } from "../../../src/domain/turn-settings.ts";
import { openRealBench } from "../../support/core/real-bench.ts";
import { ScriptedModel, type SeenPrompt } from "../../support/core/scripted-model.ts";
import { isSummaryRequest } from "../../support/openai/bad-summariser.ts";

const inRoom = (place: string, by = "Ada") => ({ conversation: `fake:${place}:1` as const, place, by });

test("each turn has the settings of its place and its author", async () => {
  await using bench = await openRealBench({
    changed: ({ place, author }) => ({
      ...(place === "lab" ? { instructions: "Be exact." } : {}),
      ...(author === "Grace" ? { limits: { ...noLimits, personTurns: 1 } } : {}),
    }),
  });
  await bench.say("one", "Hello?", inRoom("lab"));
  await bench.say("two", "Hello?", inRoom("hall"));
  expect(bench.model.prompts.map(({ instructions }) => instructions)).toEqual(["Be exact.", "Be kind."]);
  for (const id of ["three", "four"]) await bench.say(id, "Hello?", inRoom("hall", "Grace"));
  for (const id of ["five", "six"]) await bench.say(id, "Hello?", inRoom("lab"));
  expect(bench.model.prompts).toHaveLength(5);
});

test("each turn, summary and title asks the model that the settings of its place name", async () => {
  const summary = "- They talked at length [1]";
  const script = async function* (prompt: SeenPrompt) {
    yield isSummaryRequest(prompt) ? summary : "Understood.";
  };
  const models = new Map(["usual", "exact"].map((name) => [name, new ScriptedModel(script, name)]));
  const named = (name: string): ScriptedModel => models.get(name) ?? new ScriptedModel();
  await using bench = await openRealBench({
    contextTokens: 1_000,
    changed: ({ place }) => ({ model: place === "lab" ? "exact" : "usual" }),
    models: { named },
  });
  await bench.say("first", "Where is the key?", inRoom("lab"));
  bench.requestTitle("fake:lab:1");
  await bench.titleAll();
  await bench.chat(60, inRoom("lab"));
  await bench.say("one", "Hello?", inRoom("hall"));
  await bench.rest();

  expect(named("usual").prompts).toHaveLength(1);
  expect(named("exact").prompts.filter((each) => isSummaryRequest(each)).length).toBeGreaterThan(0);
  const kept = await bench.records("fake:lab:1");
  const asked = kept.flatMap(({ purpose, work }) => (work === undefined ? [] : [[purpose, work.model]]));
  expect(new Set(asked.map(([purpose]) => purpose))).toEqual(new Set(["answer", "summary", "title"]));
  expect(new Set(asked.map(([, model]) => model))).toEqual(new Set(["exact"]));
});

test("a shorter retention of a place removes older messages from memory with its next turn", async () => {
  await using bench = await openRealBench({
    retentionDays: 30,
    changed: ({ place }) => (place === "lab" ? { retentionDays: 7 } : {}),
  });
  for (const place of ["lab", "hall"]) {
    await bench.say(`old in ${place}`, "The key is under the mat", inRoom(place));
    bench.clock.pass(1);
  }
  bench.clock.pass(8 * 86_400_000);
  await bench.expire();
  for (const place of ["lab", "hall"]) await bench.say(`new in ${place}`, "Where is it?", inRoom(place));
  expect(await bench.holds("old in lab", "fake:lab:1")).toBe(false);
  expect(await bench.holds("old in hall", "fake:hall:1")).toBe(true);
});

test("the settings are read with the installation of the place, for each message, turn, summary and title", async () => {
  const scopes: SettingsScope[] = [];
  await using bench = await openRealBench({
    contextTokens: 1_000,
    changed: (scope) => {
      scopes.push(scope);
      return {};
    },
  });
  scopes.length = 0;
  const inGlobex = { ...inRoom("T2:room"), conversation: "fake:T2:1" } as const;
  await bench.say("first", "Where is the key?", inGlobex);
  bench.requestTitle("fake:T2:1");
  await bench.titleAll();
  await bench.chat(40, inGlobex);
  await bench.order("help", "", inGlobex);
  expect(scopes.length).toBeGreaterThan(40);
  const everywhere = { platform: "fake", installation: "T2", place: "T2:room" };
  expect(scopes).toContainEqual({ ...everywhere, author: "Ada" });
  expect(scopes).toContainEqual(everywhere);
  expect(scopes.filter(({ installation }) => installation !== "T2")).toEqual([]);
  scopes.length = 0;
  await bench.say("one", "Hello?", inRoom("hall"));
  expect(scopes).toContainEqual({ platform: "fake", place: "hall", author: "Ada" });
  expect(scopes.filter((scope) => "installation" in scope)).toEqual([]);
});

test("a prompt without tools names none, and its instructions are the same as with tools", async () => {
  const instructions = buildInstructions("Be kind.");
  await using bench = await openRealBench({
    changed: ({ place }) => ({ instructions, ...(place === "lab" ? { tools: [] } : {}) }),
  });
  await bench.say("one", "Hello?", inRoom("lab"));
  await bench.say("two", "Hello?", inRoom("hall"));
  const [without, offered] = bench.model.prompts;
  expect(JSON.stringify(without)).not.toMatch(/recall|function/u);
  expect(JSON.stringify(offered?.tools)).toContain("recall");
  expect(without?.instructions).toBe(offered?.instructions);
});
