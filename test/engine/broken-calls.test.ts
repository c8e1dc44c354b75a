import { afterAll, beforeAll, describe, test } from "vitest";

import { connectForBullmq } from "../../src/engine/bullmq/bullmq-connection.ts";
import { BullmqJobs } from "../../src/engine/bullmq/bullmq-jobs.ts";
import type { Job } from "../../src/ports/job.ts";
import { openBreakingWay, type Break, type BreakingWay, type IsWanted } from "../support/breaking-way.ts";
import { connectionsOf } from "../support/core/queue-connections.ts";
import { RecordingLog } from "../support/core/recording-log.ts";
import { redisIsMissing, startRedisServer, type RedisServer } from "../support/redis-server.ts";

// One call of BullMQ breaks, then all is well. Jobs must go on soon, without a restart.

const patiently = { timeout: 60_000, interval: 20 };
const breaks: readonly Break[] = ["swallow the request", "swallow the answer", "cut before the answer"];

/** Of the scripts that move an entry, only those that may fetch the next one have the key of the rate limit. */
const moves: IsWanted = (request) => request.includes(":limiter");
/** Breaks where an entry is fetched: that entry is active, and no worker knows it. */
const theFetch = "the fetch of an entry";
const waits: IsWanted = (request) => request.includes("bzpopmin");
const renewsLock: IsWanted = (request) => request.includes("steady:lock");

function casesOf(calls: Readonly<Record<string, IsWanted>>) {
  return Object.entries(calls).flatMap(([call, isWanted]) => breaks.map((how) => ({ call, isWanted, how })));
}

describe.skipIf(redisIsMissing).concurrent(`calls that break ${redisIsMissing ?? ""}`, () => {
  let server: RedisServer;
  let database = 0;
  beforeAll(async () => {
    server = await startRedisServer("--databases", "100");
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const openWay = async (): Promise<BreakingWay> => openBreakingWay(`${server.url}/${(database += 1)}`);
  const openJobs = (url: string, job: Job): BullmqJobs => {
    const log = new RecordingLog();
    return new BullmqJobs([job], { url, connections: connectionsOf(log), log });
  };

  test.for(
    casesOf({
      "the wait for an entry": waits,
      [theFetch]: (request) => moves(request) && !request.includes("steady"),
      "the delay until the next run": (request) => moves(request) && request.includes("steady"),
      "the look for stalled entries": (request) => request.includes("stalled-check"),
      "the addition of entries": (request) => request.includes("removeOnComplete"),
    }),
  )("don't stop the jobs: $call, $how", async ({ call, isWanted, how }, { expect }) => {
    await using way = await openWay();
    let runs = 0;
    await using jobs = openJobs(way.url, { name: "steady", everyMs: 50, run: async () => void (runs += 1) });
    jobs.start();
    await expect.poll(() => runs, patiently).toBeGreaterThan(2);
    await way.breakAt(isWanted, how, call === theFetch ? "steady" : "");
    const before = runs;
    await expect.poll(() => runs, patiently).toBeGreaterThan(before + 5);
  });

  test.for(breaks)(
    "end a run before another replica begins the next one: the renewal of a lock, %s",
    async (how, { expect }) => {
      await using way = await openWay();
      let [begun, running, mostAtOnce] = [0, 0, 0];
      const job: Job = {
        name: "steady",
        everyMs: 50,
        run: async (aborted) => {
          begun += 1;
          mostAtOnce = Math.max(mostAtOnce, (running += 1));
          const { promise, resolve } = Promise.withResolvers<void>();
          aborted.addEventListener("abort", () => resolve(), { once: true });
          await promise;
          running -= 1;
        },
      };
      await using one = openJobs(way.url, job);
      one.start();
      await expect.poll(() => begun, patiently).toBe(1);
      await using other = openJobs(`${server.url}/${new URL(way.url).pathname.slice(1)}`, job);
      other.start();
      await way.breakAt(renewsLock, how);
      // A cut connection is replaced at once, and the lock renewed; the others are noticed only after some silence.
      await (how === "cut before the answer"
        ? way.breakAt(renewsLock, "swallow the request")
        : Promise.resolve());
      await expect.poll(() => begun, patiently).toBeGreaterThan(1);
      expect(mostAtOnce).toBe(1);
    },
  );

  test("close the connection that they broke, and not the next one", async ({ expect }) => {
    await using way = await openWay();
    const connection = connectionsOf(new RecordingLog()).watch(connectForBullmq(way.url));
    let closed = 0;
    connection.on("close", () => (closed += 1));
    await connection.set("some", "thing");
    const brokenAtMs = performance.now();
    void way.breakAt((request) => request.includes("some"), "cut before the answer");
    expect(await connection.get("some")).toBe("thing");
    // Longer than a connection may be silent, counted from the call that broke.
    const isOver = async (): Promise<boolean> => {
      await connection.get("some");
      return performance.now() - brokenAtMs > 7_000;
    };
    await expect.poll(isOver, patiently).toBe(true);
    expect(closed).toBe(1);
    connection.disconnect();
  });
});
