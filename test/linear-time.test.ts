import { globSync, readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { bestCpuMs, cpuMs } from "./support/texts/cpu-time.ts";
import { families } from "./support/texts/hostile-texts.ts";
import { handingOn, textFunctions } from "./support/texts/text-functions.ts";

const chars = 100_000;
/** The whole against ten tenths: about 1 where time grows with the length, 10 where it grows with its square. */
const mostTimes = 3;
/** What takes less at 100,000 characters is not squared: each of 10,000,000,000 steps would take 4 ps. */
const floorMs = 40;
/** The promise is 50 ms; the rest is for slower machines. */
const mostMs = 150;

const texts = families.map(({ name, textOf }) => ({ name, tenth: textOf(chars / 10), whole: textOf(chars) }));

describe("ten times the text takes about ten times as long, whatever it holds, in", () => {
  test.each(Object.entries(textFunctions))("%s", async (_, run) => {
    const tenTimes = async (text: string): Promise<void> => {
      for (let count = 0; count < 10; count += 1) await run(text);
    };
    for (const { name, tenth, whole } of texts) {
      // First the tenth: what is squared, or worse, would hold up the test with the whole.
      expect(await cpuMs(() => run(tenth)), `${name}: ms for a tenth`).toBeLessThan(mostMs);
      if ((await cpuMs(() => run(whole))) < floorMs) continue;
      const wholeMs = await bestCpuMs(() => run(whole), 3);
      expect(wholeMs, `${name}: ms`).toBeLessThan(mostMs);
      if (wholeMs < floorMs) continue;
      const tenthsMs = await bestCpuMs(() => tenTimes(tenth), 3);
      expect(wholeMs / tenthsMs, `${name}: times as long as ten tenths`).toBeLessThan(mostTimes);
    }
  });
});

test("every exported function that takes a text is in the table", () => {
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
  expect(found.filter((each) => each !== "" && !listed.has(each))).toEqual([]);
  expect(found.length).toBeGreaterThan(30);
});
