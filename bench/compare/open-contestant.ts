import { freePort } from "../../test/support/redis-server.ts";
import type { Contestant } from "./contestants.ts";
import { sum } from "./figures.ts";
import { openStores } from "./open-stores.ts";
import type { ProbeAnswer } from "./probe.ts";
import { cpuSecondsOf } from "./process-usage.ts";
import { readRedisCounters, type RedisCounters } from "./redis-counters.ts";
import { startProgram, type Program } from "./start-program.ts";
import { startStandIn, type StandIn } from "./start-stand-in.ts";

/** A running contestant with servers of its own. */
export interface OpenContestant {
  readonly standIn: StandIn;
  readonly programs: readonly Program[];
  readonly ports: readonly number[];
  readonly redisUrl: string | undefined;
  /** Of its processes with all their threads. */
  readonly cpuSeconds: () => number;
  /** Zeros without Redis. */
  readonly redisCounters: () => Promise<RedisCounters>;
  /** After a garbage collection, of all its processes together. */
  readonly memory: () => Promise<Pick<ProbeAnswer, "rssMiB" | "heapMiB">>;
}

export interface OpenOptions {
  /** Settings that differ from those of the contestant. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Stores that exist already, with their settings. Missing: it gets empty ones. */
  readonly stores?: Readonly<Record<string, string>>;
  /** Only the model and the web chat. */
  readonly withoutSlack?: boolean;
}

const none: RedisCounters = { commands: 0, reads: 0, bytes: 0, receivedBytes: 0, cpuMs: 0 };

/** Starts a contestant, its stores, and the stand-in, and waits until it is ready. @param opened ends all of them. */
export async function openContestant(
  contestant: Contestant,
  opened: AsyncDisposableStack,
  { settings = {}, stores, withoutSlack = false }: OpenOptions = {},
): Promise<OpenContestant> {
  const standIn = opened.use(await startStandIn());
  const storeSettings = stores ?? opened.use(await openStores(contestant)).settings;
  const redisUrl = storeSettings["REDIS_URL"];
  const found = Object.entries(standIn.settings).filter(
    ([name]) => !withoutSlack || !name.startsWith("SLACK_"),
  );
  const env = { ...contestant.settings, ...Object.fromEntries(found), ...storeSettings, ...settings };
  const ports = await Promise.all(Array.from({ length: contestant.replicas }, freePort));
  const programs: Program[] = [];
  for (const port of ports) {
    const { program, readyPath } = contestant;
    programs.push(opened.use(await startProgram({ program, readyPath, port, settings: env })));
  }
  await standIn.deliverTo(ports);
  return {
    standIn,
    programs,
    ports,
    redisUrl,
    cpuSeconds: () => sum(programs.map(({ pid }) => cpuSecondsOf(pid))),
    redisCounters: async () => (redisUrl === undefined ? none : readRedisCounters(redisUrl)),
    memory: async () => {
      const rests = await Promise.all(programs.map((each) => each.ask({ probe: "rest" })));
      return {
        rssMiB: sum(rests.map(({ rssMiB }) => rssMiB)),
        heapMiB: sum(rests.map(({ heapMiB }) => heapMiB)),
      };
    },
  };
}
