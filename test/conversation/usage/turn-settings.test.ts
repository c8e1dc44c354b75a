import { expect, test } from "vitest";

import { noLimits } from "../../support/core/no-limits.ts";
import { openRealBench } from "../../support/core/real-bench.ts";

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
