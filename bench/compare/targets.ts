import type { Check } from "./checks.ts";
import { median } from "./figures.ts";
import type { Result, Run } from "./run.ts";

/** The figures that one table gives; a contestant that did not run has none. */
type Named = ReadonlyMap<string, Result>;

const runFigure = (result: Result, figure: keyof Run): number =>
  median(result.runs.map((run) => run[figure]));

/** Ours to a yardstick, where both ran. */
function ratio(
  named: Named,
  [name, yardstick]: readonly [string, string],
  figure: keyof Run | "rssMiB",
): number | undefined {
  const [a, b] = [named.get(name), named.get(yardstick)];
  if (a === undefined || b === undefined) return undefined;
  const of = (result: Result): number => (figure === "rssMiB" ? result.rssMiB : runFigure(result, figure));
  return of(b) === 0 ? undefined : of(a) / of(b);
}

type Target = Omit<Check, "value"> & {
  /** The tables that it is for. */
  readonly at: { readonly k?: readonly number[]; readonly delay?: number };
  /** Undefined: somebody who is needed did not run. */
  readonly value: (named: Named) => number | undefined;
};

const toPeer = ["ours-redis", "chat-sdk"] as const;
const toPackages = ["ours-redis", "packages"] as const;
const embedded = ["ours-sqlite", "ours-redis"] as const;
const ours = ["ours-sqlite", "ours-redis", "ours-redis-2"];

const figureOf =
  (name: string, figure: keyof Run) =>
  (named: Named): number | undefined => {
    const result = named.get(name);
    return result === undefined ? undefined : runFigure(result, figure);
  };

const p50Adds = (named: Named): number | undefined => {
  const [a, b] = toPackages.map((name) => figureOf(name, "p50Ms")(named));
  return a === undefined || b === undefined ? undefined : a - b;
};

/** Of all runs of ours. */
const runsOfOurs = (named: Named): readonly Run[] => ours.flatMap((name) => named.get(name)?.runs ?? []);

const targets: readonly Target[] = [
  {
    what: "ours with Redis, msg/s ÷ Chat SDK",
    at: { k: [16, 128], delay: 0 },
    value: (named) => ratio(named, toPeer, "messagesPerS"),
    atLeast: 1.3,
  },
  {
    what: "ours with Redis, CPU ÷ packages",
    at: { k: [16, 128], delay: 0 },
    value: (named) => ratio(named, toPackages, "cpuSPer1000"),
    atMost: 1.25,
  },
  {
    what: "ours with Redis, p50 ÷ Chat SDK",
    at: { k: [1], delay: 0 },
    value: (named) => ratio(named, toPeer, "p50Ms"),
    atMost: 1,
  },
  { what: "ours with Redis, p50 − packages in ms", at: { k: [1], delay: 50 }, value: p50Adds, atMost: 8 },
  { what: "ours with Redis, p50 − packages in ms", at: { k: [128], delay: 50 }, value: p50Adds, atMost: 30 },
  {
    // A busy client sends several commands at once: only here, reads are round trips.
    what: "ours with Redis, round trips per message",
    at: { k: [1], delay: 0 },
    value: figureOf("ours-redis", "redisReads"),
    atMost: 8,
  },
  {
    what: "ours with Redis, Redis commands per message",
    at: { delay: 0 },
    value: figureOf("ours-redis", "redisCommands"),
    atMost: 40,
  },
  {
    what: "ours with Redis, ms of Redis CPU per message",
    at: { delay: 0 },
    value: figureOf("ours-redis", "redisCpuMs"),
    atMost: 0.25,
  },
  {
    what: "ours with SQLite, msg/s ÷ ours with Redis",
    at: { k: [1], delay: 0 },
    value: (named) => ratio(named, embedded, "messagesPerS"),
    atLeast: 1,
  },
  {
    what: "ours with SQLite, msg/s ÷ ours with Redis",
    at: { k: [16, 128], delay: 0 },
    value: (named) => ratio(named, embedded, "messagesPerS"),
    atLeast: 0.8,
  },
  {
    what: "ours with Redis, RSS ÷ Chat SDK",
    at: { k: [128], delay: 0 },
    value: (named) => ratio(named, toPeer, "rssMiB"),
    atMost: 1,
  },
  {
    what: "ours, the longest wait in ms",
    at: { k: [128] },
    value: (named) => {
      const waits = runsOfOurs(named).map(({ maxMs }) => maxMs);
      return waits.length === 0 ? undefined : Math.max(...waits);
    },
    atMost: 5_000,
  },
  {
    what: "ours with Redis, event-loop delay p99 in ms",
    at: { k: [128], delay: 50 },
    value: figureOf("ours-redis", "loopDelayP99Ms"),
    atMost: 20,
  },
  {
    what: "ours, messages lost or doubled",
    at: {},
    value: (named) => {
      const runs = runsOfOurs(named);
      return runs.length === 0 ? undefined : runs.reduce((sum, run) => sum + run.lost + run.doubled, 0);
    },
    atMost: 0,
  },
];

/** What a table of results has to reach, as far as those ran whom it takes. */
export function targetsOf(results: readonly Result[]): readonly Check[] {
  const [first] = results;
  if (first === undefined) return [];
  const named: Named = new Map(results.map((each) => [each.name, each]));
  return targets.flatMap(({ at, value, ...target }) => {
    if (at.k !== undefined && !at.k.includes(first.conversations)) return [];
    if (at.delay !== undefined && at.delay !== first.modelDelayMs) return [];
    const found = value(named);
    return found === undefined ? [] : [{ ...target, value: found }];
  });
}
