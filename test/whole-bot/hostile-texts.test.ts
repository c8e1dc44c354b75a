import { expect, test } from "vitest";

import { temporaryFolder } from "../support/temporary-folder.ts";
import { openLife } from "../support/texts/through-core.ts";
import { slowness } from "../support/machine-speed.ts";

/** The promise is 50 ms; the rest is for code that runs for the first time. Times `slowness`. */
const mostMs = 250;

test.each([
  ["white space and punctuation", "Tell \n\u2003-.>"],
  ["characters of many parts", "漢👩‍👩‍👧‍👦e\u0301"],
])("a long text that is sent, summarised, edited and deleted blocks no other work: %s", async (_, unit) => {
  using folder = temporaryFolder();
  await using core = await openLife(folder.path);
  const steps = await core.live(`Ada: ${unit.repeat(99_000 / unit.length)}`, "fake:room:1");
  const mostHereMs = mostMs * (await slowness());
  for (const { name, longestWorkedMs } of steps)
    expect(longestWorkedMs, `${name}: ms`).toBeLessThan(mostHereMs);
  // All of it has happened.
  const { memory } = await core.stores.memories.read("fake:room:1", AbortSignal.timeout(600_000));
  const ids = memory?.messages.map(({ id }) => id) ?? [];
  expect(ids).not.toContain("m3");
  expect(memory?.windowFrom).toBeGreaterThan(1);
});
