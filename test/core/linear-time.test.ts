import { globSync, readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { runAgent, type Answer } from "../../src/conversation/agent/run-agent.ts";
import type { Model } from "../../src/ports/model.ts";
import { openRealBench } from "../support/core/real-bench.ts";
import { ScriptedModel } from "../support/core/scripted-model.ts";
import { readingToy } from "../support/core/toy-tools.ts";
import { bestCpuMs, cpuMs } from "../support/texts/cpu-time.ts";
import { families } from "../support/texts/hostile-texts.ts";
import { handingOn, textFunctions } from "../support/texts/text-functions.ts";
import { usualCpuMs } from "../support/machine-speed.ts";
import { payerIn } from "../support/core/payer-in.ts";

const chars = 30_000;
/** The whole against ten tenths: about 1 where time grows with the length, 10 where it grows with its square. */
const mostTimes = 3;
/** What takes less at 30,000 characters is not squared: each of 900,000,000 steps would take 22 ps. */
const floorMs = 20;
/** On the usual machine, where the slowest takes 20 to 35. What is squared takes a thousand. */
const mostMs = 50;

const prompt = { purpose: "answer", payer: payerIn("fake:room:1"), instructions: "", messages: [] } as const;
const limits = { rounds: 3, ms: 0, tokens: 0 };
const answerOf = async (model: Pick<Model, "answer">): Promise<Answer> => {
  let answer: Answer = { text: "" };
  for await (const event of runAgent(model, { prompt, rounds: [], limits }, AbortSignal.timeout(600_000)))
    if (event.kind === "done") answer = event;
  return answer;
};
const texts = families.map(({ name, textOf }) => ({
  name,
  tenth: textOf(chars / 10),
  whole: textOf(chars),
  tenfold: () => textOf(chars * 10),
}));

describe("ten times the text takes about ten times as long, whatever it contains, in", () => {
  test.each(Object.entries(textFunctions))("%s", async (_, run) => {
    const tenTimes = (text: string) => async (): Promise<void> => {
      for (let count = 0; count < 10; count += 1) await run(text);
    };
    /** 0 where the long text takes too little to be compared. */
    const ratioOf = (longMs: number, shortMs: number): number => (longMs < floorMs ? 0 : longMs / shortMs);
    /** Once may be the machine's fault, or cold code's. */
    const timesAsLong = async (long: string, short: string): Promise<number> => {
      const once = ratioOf(await cpuMs(() => run(long)), await cpuMs(tenTimes(short)));
      if (once < mostTimes) return once;
      return ratioOf(await bestCpuMs(() => run(long), 5), await bestCpuMs(tenTimes(short), 3));
    };
    for (const { name, tenth, whole, tenfold } of texts) {
      // First the tenth: what is squared, or worse, would hold up the test with the whole.
      let tenthMs = await cpuMs(() => run(tenth));
      if (tenthMs >= mostMs) tenthMs = await usualCpuMs(() => run(tenth), 3);
      expect(tenthMs, `${name}: ms for a tenth`).toBeLessThan(mostMs);
      let wholeMs = await cpuMs(() => run(whole));
      if (wholeMs < floorMs) continue;
      if (wholeMs >= mostMs) wholeMs = await usualCpuMs(() => run(whole), 6);
      expect(wholeMs, `${name}: ms`).toBeLessThan(mostMs);
      if ((await timesAsLong(whole, tenth)) < mostTimes) continue;
      // A short text may have a quicker way of its own: a longer one tells.
      expect(await timesAsLong(tenfold(), whole), `${name}: times as long`).toBeLessThan(mostTimes);
    }
  });
});

test("ten times the pieces of an answer take about ten times as long", async () => {
  const pieces = (count: number) => async (): Promise<void> => {
    const model = new ScriptedModel(async function* () {
      for (let each = 0; each < count; each += 1) yield "a ";
    });
    let called = false;
    // What it writes after a call goes on from what it wrote before.
    model.calls = () => {
      if (called) return [];
      called = true;
      return [{ id: "1", name: "recall", argument: "{}" }];
    };
    const { text } = await answerOf(model);
    expect(text.length).toBe(count * 2);
  };
  const wholeMs = await bestCpuMs(pieces(50_000), 3);
  const tenthsMs = await bestCpuMs(async () => {
    for (let count = 0; count < 10; count += 1) await pieces(5_000)();
  }, 3);
  expect(wholeMs / tenthsMs).toBeLessThan(mostTimes);
});

test.each([
  ["in one piece", ["x".repeat(5_000_000)]],
  [
    "in a hundred thousand pieces",
    Array.from({ length: 100_000 }, () => "fifty characters of an answer that never ends....  "),
  ],
])("an answer of five million characters is cut, %s", async (_, pieces) => {
  const model = new ScriptedModel(async function* () {
    yield* pieces;
  });
  const { text } = await answerOf(model);
  expect(text.length).toBeLessThan(210_000);
  expect(text).toContain("reached my length limit");
});

test("of a thousand concurrent calls only a few are carried out", async () => {
  const model = new ScriptedModel(async function* () {
    yield "Done.";
  });
  model.calls = ({ calls = [] }) =>
    calls.length > 0
      ? []
      : Array.from({ length: 1_000 }, (__, each) => ({ id: `${each}`, name: "weather", argument: "{}" }));
  const weather = readingToy("weather", () => "Sunny.");
  await using bench = await openRealBench({ model, tools: [weather] });
  await bench.say("one", "how will Friday be?");
  expect(bench.platform.shown).toEqual(["Done."]);
  expect(weather.calls).toHaveLength(8);
});

test("every exported function with a text parameter is in the table", () => {
  const takesText =
    /\b(?:text|texts|wire|markdown|content|words|argument|answer|question|line|said|written|typed)\??: (?:readonly )?string\b/u;
  const found = globSync(
    "src/{conversation,commands,models,domain,storage/records,platforms}/**/*.ts",
  ).flatMap((file) =>
    Array.from(
      readFileSync(file, "utf8").matchAll(
        /^export (?:async )?function\*? (\w+)(?:<[^(]*>)?\(([^]*?)\)(?::| \{)/gmu,
      ),
      ([, name = "", parameters = ""]) =>
        takesText.test(parameters) ? `${file.slice("src/".length, -".ts".length)}#${name}` : "",
    ),
  );
  const listed = new Set([...Object.keys(textFunctions), ...handingOn]);
  const missing = found.filter((each) => each !== "" && !listed.has(each));
  expect(missing, "add them to test/support/texts/text-functions.ts").toEqual([]);
  expect(found.length).toBeGreaterThan(30);
});
