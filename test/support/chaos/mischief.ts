import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout } from "node:timers/promises";

import { beginToLose } from "../lost-second.ts";
import type { RedisServer } from "../redis-server.ts";
import type { Fleet } from "./fleet.ts";
import type { Span } from "./lost-times.ts";
import type { Random } from "./random.ts";
import type { TellingModel } from "./telling-model.ts";

/** What mischief is done to. */
export interface Victims {
  readonly fleet: Fleet;
  /** Missing for the embedded bot. */
  readonly redis: RedisServer | undefined;
  readonly model: TellingModel;
  /** How many messages are answered. */
  readonly answered: () => number;
  /** Those that there were, in order. */
  readonly outages: Span[];
  /** What was stored in these times is gone. */
  readonly lostTimes: Span[];
}

/**
 * Does something bad and makes it good again, also when the signal ends it early. Resolves to how many times it struck:
 * 0 when the signal came first, or nobody was there whom it may strike.
 */
export type Mischief = (victims: Victims, luck: Random, signal: AbortSignal) => Promise<number>;

/** Goes on until the signal. @returns how many times it struck. */
export async function keepDoing(
  mischief: Mischief,
  victims: Victims,
  luck: Random,
  signal: AbortSignal,
): Promise<number> {
  let times = 0;
  while (!signal.aborted) {
    times += await mischief(victims, luck, signal);
  }
  return times;
}

/** Ends early, and quietly, at the signal. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal }).catch(() => undefined);
}

/** Kills a replica now and then, never the last one. */
export const killReplica: Mischief = async ({ fleet }, luck, signal) => {
  await pause(luck.between(1_500, 4_000), signal);
  const live = fleet.live();
  if (signal.aborted || live.length < 2) return 0;
  const slot = luck.pick(live);
  await fleet.kill(slot);
  await pause(luck.between(0, 1_500), signal);
  await fleet.start(slot);
  return 1;
};

const longestAnswerMs = 30_000;

/** Kills the only one, which has given an answer. */
export const killTheOne: Mischief = async ({ fleet, answered }, luck, signal) => {
  const before = answered();
  await pause(luck.between(3_500, 7_000), signal);
  // On a machine on which much else runs an answer takes longer, and a run in which none is ever given does not end.
  const untilMs = Date.now() + longestAnswerMs;
  while (answered() === before && Date.now() < untilMs && !signal.aborted) await pause(100, signal);
  if (signal.aborted) return 0;
  await fleet.kill(0);
  await pause(luck.between(0, 1_000), signal);
  await fleet.start(0);
  return 1;
};

const killsInARow = 10;

/** Kills the only one ten times in the middle of the same answers, and then leaves it alone until they are there. */
export const killTenTimes: Mischief = async ({ fleet, model }, luck, signal) => {
  await untilBusy(model, 0, signal);
  if (signal.aborted) return 0;
  for (let kills = 0; kills < killsInARow; kills += 1) {
    await fleet.kill(0);
    await fleet.start(0);
    await setTimeout(luck.between(300, 1_500));
  }
  await pause(40_000, signal);
  return killsInARow;
};

/** In the middle of several answers, for longer than the lock on a turn, which is 8 s, and than a take-over. */
export const freezeReplica: Mischief = async ({ fleet, model }, luck, signal) => {
  await pause(luck.between(500, 1_500), signal);
  const live = fleet.live();
  if (signal.aborted || live.length < 2) return 0;
  const slot = luck.pick(live);
  await untilBusy(model, slot, signal);
  if (signal.aborted) return 0;
  fleet.freeze(slot);
  // To its end also after the signal: what wakes up too late is what this is about.
  await setTimeout(luck.between(13_000, 20_000));
  fleet.thaw(slot);
  return 1;
};

async function untilBusy(model: TellingModel, slot: number, signal: AbortSignal): Promise<void> {
  const untilMs = Date.now() + 3_000;
  while (model.underWay(slot) < 5 && Date.now() < untilMs) await pause(10, signal);
}

export const killRedis: Mischief = async ({ redis, outages }, luck, signal) => {
  await pause(luck.between(2_000, 6_000), signal);
  if (signal.aborted || redis === undefined) return 0;
  const fromMs = Date.now();
  await redis.kill();
  await pause(luck.between(100, 4_000), signal);
  await redis.start();
  outages.push({ fromMs, toMs: Date.now() });
  return 1;
};

/** It comes back without its last second, as after a failover or a power loss under `appendfsync everysec`. */
export const loseLastSecond: Mischief = async ({ redis, outages, lostTimes }, luck, signal) => {
  await pause(luck.between(3_000, 7_000), signal);
  if (signal.aborted || redis === undefined) return 0;
  const fromMs = Date.now();
  const lossy = beginToLose(redis);
  await setTimeout(1_000);
  const killedAtMs = Date.now();
  await lossy.kill();
  await lossy.start();
  lostTimes.push({ fromMs, toMs: killedAtMs });
  outages.push({ fromMs: killedAtMs, toMs: Date.now() });
  return 1;
};

/** Redis takes commands and answers none, some times for longer than the lock on a turn. */
export const pauseRedis: Mischief = async ({ redis, outages }, luck, signal) => {
  await pause(luck.between(2_000, 5_000), signal);
  if (signal.aborted || redis === undefined) return 0;
  const ms = luck.chance(0.3) ? luck.between(8_000, 11_000) : luck.between(500, 4_000);
  const fromMs = Date.now();
  await order(redis, `CLIENT PAUSE ${ms} ${luck.pick(["ALL", "WRITE"])}`);
  await pause(ms, signal);
  await order(redis, "CLIENT UNPAUSE");
  outages.push({ fromMs, toMs: Date.now() });
  return 1;
};

/** Each replica in turn, as when a new version is rolled out. */
export const rollAll: Mischief = async ({ fleet }, luck, signal) => {
  let times = 0;
  for (const slot of fleet.live()) {
    await pause(luck.between(500, 2_500), signal);
    if (signal.aborted) break;
    await fleet.stop(slot);
    await fleet.start(slot);
    times += 1;
  }
  return times;
};

/** The way to Redis has troubles of its own all the time. */
export const nothingElse: Mischief = async (_victims, _luck, signal) => {
  await pause(60_000, signal);
  return 0;
};

const all: readonly Mischief[] = [killReplica, freezeReplica, killRedis, pauseRedis, rollAll];

export const anyOfThem: Mischief = async (victims, luck, signal) => luck.pick(all)(victims, luck, signal);

async function order({ url }: RedisServer, command: string): Promise<void> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  try {
    await once(socket, "connect");
    socket.write(`${command}\r\n`);
    await once(socket, "data");
  } finally {
    socket.destroy();
  }
}
