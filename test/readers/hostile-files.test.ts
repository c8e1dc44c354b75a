import { setTimeout } from "node:timers/promises";

import { expect, test } from "vitest";

import { IsolatedFileReader } from "../../src/readers/isolated-file-reader.ts";
import { maxProcessBytes, readingTime } from "../../src/readers/text/limits.ts";
import { collectGarbage } from "../support/collect-garbage.ts";
import { RecordingLog } from "../support/core/recording-log.ts";
import { bombs, hostileFiles } from "../support/files/hostile-files.ts";
import { memoryOfReaders } from "../support/files/memory-of-readers.ts";
import { stopsOf } from "../support/loop-stops.ts";
import { slowness } from "../support/machine-speed.ts";

/** Those that are made and read within a second. `npm run hostile-files` reads all 200. */
const quickBombs = new Set(
  "one-word.docx deep.docx entities.docx wide.xlsx nested.zip brackets.pdf twice.pdf in-itself.pdf count.pdf font-in-itself.pdf dictionaries.pdf closed.html pixels.png".split(
    " ",
  ),
);
const chosen = hostileFiles.filter((file, index) =>
  bombs.includes(file) ? quickBombs.has(file.name) : index % 12 === 0,
);
/** Between two looks, of the watching thread and of this test. */
const grownMeanwhileBytes = 200_000_000;

test("broken, huge and hostile files cost no more time and memory than they may", async () => {
  expect(hostileFiles).toHaveLength(200);
  expect(chosen.length).toBeGreaterThan(20);
  const log = new RecordingLog();
  await using reader = new IsolatedFileReader({ log });
  const made = chosen.map(({ name, make }) => ({ name, bytes: new Uint8Array(make()) }));
  const ending = new AbortController();
  const largest = largestOf(ending.signal);
  const outcomes: string[] = [];
  const late: string[] = [];
  const slow = await slowness();
  // Making some of the files takes more than a gigabyte.
  collectGarbage();
  const { longestWorkedMs } = await stopsOf(async () => {
    const next = made.values();
    const readAll = async (): Promise<void> => {
      for (const { name, bytes } of next) {
        const startedAtMs = performance.now();
        const reading = await reader.read(bytes, { name }, AbortSignal.timeout(60_000));
        outcomes.push(reading.kind === "unreadable" ? reading.why : reading.kind);
        if (performance.now() - startedAtMs > readingTime.maxWaitMs + 5_000) late.push(name);
      }
    };
    await Promise.all([readAll(), readAll()]);
  });
  ending.abort();
  expect(outcomes).toHaveLength(chosen.length);
  expect(late).toEqual([]);
  for (const each of ["broken", "text", "too-large"]) expect(outcomes).toContain(each);
  expect(await largest).toBeLessThan(maxProcessBytes + grownMeanwhileBytes);
  expect(longestWorkedMs).toBeLessThan(50 * slow);
  expect(log.lines).toEqual([]);
});

async function largestOf(signal: AbortSignal): Promise<number> {
  let bytes = 0;
  while (!signal.aborted) {
    bytes = Math.max(bytes, memoryOfReaders());
    await setTimeout(25);
  }
  return bytes;
}
