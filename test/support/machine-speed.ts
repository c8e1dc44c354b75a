import { stopsOf } from "./loop-stops.ts";
import { bestCpuMs, cpuMs } from "./texts/cpu-time.ts";

/** What `plainWork` takes on the machine that the promises of the README are measured on. */
const usualMs = 1;
/** With counters for the coverage, our code takes up to twice as long; what `plainWork` calls of Node has none. */
const ofCounting = process.env["COUNTS_COVERAGE"] === "yes" ? 2 : 1;
const text = "Ada says: Straße, Ångström, 漢字, naïve — [x](https://example.com/a?b=c) 1,250.50 \n".repeat(
  200,
);

/** What most functions do with a text: read it letter by letter and word by word. */
function plainWork(): void {
  const seen = new Map<string, number>();
  for (const letter of text.normalize("NFKD")) seen.set(letter, (seen.get(letter) ?? 0) + 1);
  for (const [word] of text.matchAll(/\p{L}+/gu)) seen.set(word.toLowerCase(), 1);
}

/**
 * How many times as long as usual work takes here and now; at least 1, while coverage is counted at least 2. A bound of CPU time, times this, holds on a slow machine
 * and beside other tests too.
 */
export async function slowness(): Promise<number> {
  // Many at once: some systems count in steps that are longer than one takes.
  const often = (): void => {
    for (let count = 0; count < 20; count += 1) plainWork();
  };
  return ofCounting * Math.max(1, (await bestCpuMs(often, 3)) / 20 / usualMs);
}

/** The best CPU time of several runs, as it would be on the usual machine. How slow this one is changes from one moment to the next. */
export async function usualCpuMs(run: () => unknown, times: number): Promise<number> {
  let best = Infinity;
  for (let count = 0; count < times; count += 1) {
    const before = await slowness();
    const ms = await cpuMs(run);
    best = Math.min(best, ms / Math.max(before, await slowness()));
  }
  return best;
}

/**
 * How long something holds up everything else, as on the usual machine: the best of up to four runs. Once may be the
 * machine's fault, or cold code's. Ends at the first run under `mostMs`.
 */
export async function usualStopMs(run: () => Promise<unknown>, mostMs: number): Promise<number> {
  let best = Infinity;
  for (let count = 0; count < 4 && best >= mostMs; count += 1) {
    const before = await slowness();
    const { longestWorkedMs } = await stopsOf(run);
    best = Math.min(best, longestWorkedMs / Math.max(before, await slowness()));
  }
  return best;
}
