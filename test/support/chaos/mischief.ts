import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout } from "node:timers/promises";

import { beginToLose } from "../lost-second.ts";
import type { RedisServer } from "../redis-server.ts";
import type { Fleet } from "./fleet.ts";
import type { Span } from "./lost-times.ts";
import type { Random } from "./random.ts";
import type { TellingModel } from "./telling-model.ts";

/** The targets of mischief. */
export interface Victims {
  readonly fleet: Fleet;
  /** Missing for the embedded bot. */
  readonly redis: RedisServer | undefined;
  readonly model: TellingModel;
  /** The number of answered messages. */
  readonly answered: () => number;
  /** How many posts are streamed to people now. */
  readonly streaming: () => number;
  /** Past outages of Redis, in order. */
  readonly outages: Span[];
  /** Spans whose writes Redis lost. */
  readonly lostTimes: Span[];
}

/**
 * Does damage and undoes it, even if the signal ends it early. Resolves to how often it struck; 0 if the signal came
 * first or there was no target.
 */
export type Mischief = (victims: Victims, luck: Random, signal: AbortSignal) => Promise<number>;

/** Repeats until the signal. Returns how often it struck. */
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

/** Ends early and without an error at the signal. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal }).catch(() => undefined);
}

/** Kills a replica now and then, but never the last one. */
export const killReplica: Mischief = async ({ fleet }, luck, signal) => {
  await pause(luck.between(1_500, 4_000) * fleet.slowness(), signal);
  const live = fleet.live();
  if (signal.aborted || live.length < 2) return 0;
  const slot = luck.pick(live);
  await fleet.kill(slot);
  await pause(luck.between(0, 1_500), signal);
  await fleet.start(slot);
  return 1;
};

const longestStreamMs = 600;

/** Kills a replica in the middle of streams, but never the last one. */
export const killInStreams: Mischief = async ({ fleet, streaming }, luck, signal) => {
  await pause(luck.between(1_000, 3_000) * fleet.slowness(), signal);
  const untilMs = Date.now() + longestAnswerMs;
  while (streaming() < 1 && Date.now() < untilMs && !signal.aborted) await pause(5, signal);
  await pause(luck.between(0, longestStreamMs), signal);
  const live = fleet.live();
  if (signal.aborted || live.length < 2) return 0;
  const slot = luck.pick(live);
  await fleet.kill(slot);
  await pause(luck.between(0, 1_000), signal);
  await fleet.start(slot);
  return 1;
};

const longestAnswerMs = 30_000;

/** Kills the only replica after it has given an answer. */
export const killTheOne: Mischief = async ({ fleet, answered }, luck, signal) => {
  const before = answered();
  await pause(luck.between(3_500, 7_000) * fleet.slowness(), signal);
  // On a busy machine an answer takes longer, and a run without any answer would never end.
  const untilMs = Date.now() + longestAnswerMs;
  while (answered() === before && Date.now() < untilMs && !signal.aborted) await pause(100, signal);
  if (signal.aborted) return 0;
  await fleet.kill(0);
  await pause(luck.between(0, 1_000), signal);
  await fleet.start(0);
  return 1;
};

const killsInARow = 10;

/** Kills the only replica ten times during the same answers, then leaves it alone until they are given. */
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

/** Freezes a replica during several answers, for longer than a turn's lock (8 s) and a take-over. */
export const freezeReplica: Mischief = async ({ fleet, model }, luck, signal) => {
  await pause(luck.between(500, 1_500), signal);
  const live = fleet.live();
  if (signal.aborted || live.length < 2) return 0;
  const slot = luck.pick(live);
  await untilBusy(model, slot, signal);
  if (signal.aborted) return 0;
  fleet.freeze(slot);
  // Continues after the signal, since waking up too late is the point.
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

/** Restarts Redis without its last second, as after a failover, or a power loss with `appendfsync everysec`. */
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

/** Redis accepts commands and answers none, sometimes for longer than a turn's lock. */
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

/** Restarts each replica in turn, as in a rollout. */
export const rollAll: Mischief = async ({ fleet }, luck, signal) => {
  let times = 0;
  for (const slot of fleet.live()) {
    await pause(luck.between(500, 2_500) * fleet.slowness(), signal);
    if (signal.aborted) break;
    await fleet.stop(slot);
    await fleet.start(slot);
    times += 1;
  }
  return times;
};

/** Only the connections to Redis are disturbed, all the time. */
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
