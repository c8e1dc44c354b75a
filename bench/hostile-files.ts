// Reads 200 broken, huge and hostile files, each as a bot would, and tells what became of them. See src/readers/README.md.
import { setTimeout } from "node:timers/promises";

import { IsolatedFileReader } from "../src/readers/isolated-file-reader.ts";
import { RecordingLog } from "../test/support/core/recording-log.ts";
import { hostileFiles } from "../test/support/files/hostile-files.ts";
import { memoryOfReaders } from "../test/support/files/memory-of-readers.ts";

const log = new RecordingLog();
await using reader = new IsolatedFileReader({ log });
const only = process.argv[2] ?? "";
let slowest = 0;
let largest = 0;
const outcomes = new Map<string, number>();
for (const { name, make } of hostileFiles.filter((each) => each.name.includes(only))) {
  const bytes = new Uint8Array(make());
  const ending = new AbortController();
  const measured = largestOf(ending.signal);
  const startedAtMs = performance.now();
  const reading = await reader.read(bytes, { name }, AbortSignal.timeout(60_000));
  const tookMs = performance.now() - startedAtMs;
  ending.abort();
  const mib = (await measured) / 1_048_576;
  const outcome = reading.kind === "unreadable" ? reading.why : reading.kind;
  outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  slowest = Math.max(slowest, tookMs);
  largest = Math.max(largest, mib);
  const cut = reading.kind === "text" && reading.isCut ? " (cut)" : "";
  process.stdout.write(
    `${name.padEnd(24)} ${outcome}${cut}, ${Math.round(tookMs)} ms, ${Math.round(mib)} MiB of ${Math.round(bytes.length / 1_024)} KiB\n`,
  );
}
process.stdout.write(`${JSON.stringify(Object.fromEntries(outcomes))}\n`);
process.stdout.write(
  `slowest ${Math.round(slowest)} ms, largest process ${Math.round(largest)} MiB, this process ${Math.round(process.memoryUsage.rss() / 1_048_576)} MiB, warnings ${log.lines.length}\n`,
);

async function largestOf(signal: AbortSignal): Promise<number> {
  let bytes = 0;
  while (!signal.aborted) {
    bytes = Math.max(bytes, memoryOfReaders());
    await setTimeout(10);
  }
  return bytes;
}
