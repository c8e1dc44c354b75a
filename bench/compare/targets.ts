import type { Check } from "./checks.ts";
import { median } from "./figures.ts";
import type { Result, Run } from "./run.ts";

/** The figures that one table gives; a contestant that did not run has none. */
type Named = ReadonlyMap<string, Result>;

/** Undefined: somebody who is needed did not run. */
type Value = (named: Named) => number | undefined;

type Figure = keyof Run | "rssMiB";

/** What certain tables have to reach. */
interface Targets {
  readonly at: { readonly k?: readonly number[]; readonly delay?: number };
  readonly checks: readonly (Omit<Check, "value"> & { readonly value: Value })[];
}

/** The median of a contestant's runs. */
function figure(name: string, of: Figure): Value {
  return (named) => {
    const result = named.get(name);
    if (result === undefined) return undefined;
    return of === "rssMiB" ? result.rssMiB : median(result.runs.map((run) => run[of]));
  };
}

/** What two contestants have to do with each other. */
function between(
  [name, yardstick]: readonly [string, string],
  of: Figure,
  join: (a: number, b: number) => number | undefined,
): Value {
  return (named) => {
    const [a, b] = [figure(name, of)(named), figure(yardstick, of)(named)];
    return a === undefined || b === undefined ? undefined : join(a, b);
  };
}

function ratio(pair: readonly [string, string], of: Figure): Value {
  return between(pair, of, (a, b) => (b === 0 ? undefined : a / b));
}

/** Of all runs of ours. */
function ofOurs(join: (runs: readonly Run[]) => number): Value {
  return (named) => {
    const runs = ["ours-sqlite", "ours-redis", "ours-redis-2"].flatMap((name) => named.get(name)?.runs ?? []);
    return runs.length === 0 ? undefined : join(runs);
  };
}

function ofRedis(what: string, of: Figure): { readonly what: string; readonly value: Value } {
  return { what: `ours with Redis, ${what}`, value: figure("ours-redis", of) };
}

const toPeer = ["ours-redis", "chat-sdk"] as const;
const toPackages = ["ours-redis", "packages"] as const;
const embedded = ["ours-sqlite", "ours-redis"] as const;

const messagesToRedis = {
  what: "ours with SQLite, msg/s ÷ ours with Redis",
  value: ratio(embedded, "messagesPerS"),
};
const p50Adds = {
  what: "ours with Redis, p50 − packages in ms",
  value: between(toPackages, "p50Ms", (a, b) => a - b),
};
const longestWait = {
  what: "ours, the longest wait in ms",
  value: ofOurs((runs) => Math.max(...runs.map(({ maxMs }) => maxMs))),
};
const lostOrDoubled = {
  what: "ours, messages lost or doubled",
  value: ofOurs((runs) => runs.reduce((sum, { lost, doubled }) => sum + lost + doubled, 0)),
};

const targets: readonly Targets[] = [
  {
    at: { k: [1], delay: 0 },
    checks: [
      { what: "ours with Redis, p50 ÷ Chat SDK", value: ratio(toPeer, "p50Ms"), atMost: 1 },
      { ...messagesToRedis, atLeast: 1 },
      // A busy client sends several commands at once: only here, reads are round trips.
      { ...ofRedis("round trips per message", "redisReads"), atMost: 8 },
    ],
  },
  {
    at: { k: [16, 128], delay: 0 },
    checks: [
      { what: "ours with Redis, msg/s ÷ Chat SDK", value: ratio(toPeer, "messagesPerS"), atLeast: 1.3 },
      { what: "ours with Redis, CPU ÷ packages", value: ratio(toPackages, "cpuSPer1000"), atMost: 1.25 },
      { ...messagesToRedis, atLeast: 0.8 },
    ],
  },
  {
    at: { k: [128], delay: 0 },
    checks: [{ what: "ours with Redis, RSS ÷ Chat SDK", value: ratio(toPeer, "rssMiB"), atMost: 1 }],
  },
  {
    at: { delay: 0 },
    checks: [
      { ...ofRedis("Redis commands per message", "redisCommands"), atMost: 40 },
      { ...ofRedis("ms of Redis CPU per message", "redisCpuMs"), atMost: 0.25 },
    ],
  },
  { at: { k: [1], delay: 50 }, checks: [{ ...p50Adds, atMost: 8 }] },
  {
    at: { k: [128], delay: 50 },
    checks: [
      { ...p50Adds, atMost: 30 },
      { ...ofRedis("event-loop delay p99 in ms", "loopDelayP99Ms"), atMost: 20 },
    ],
  },
  { at: { k: [128] }, checks: [{ ...longestWait, atMost: 5_000 }] },
  { at: {}, checks: [{ ...lostOrDoubled, atMost: 0 }] },
];

/** What a table of results has to reach, as far as those ran whom it takes. */
export function targetsOf(results: readonly Result[]): readonly Check[] {
  const [first] = results;
  if (first === undefined) return [];
  const named: Named = new Map(results.map((each) => [each.name, each]));
  const meant = targets.filter(
    ({ at }) =>
      (at.k?.includes(first.conversations) ?? true) &&
      (at.delay ?? first.modelDelayMs) === first.modelDelayMs,
  );
  return meant.flatMap(({ checks }) =>
    checks.flatMap(({ value, ...check }) => {
      const found = value(named);
      return found === undefined ? [] : [{ ...check, value: found }];
    }),
  );
}
