import { Queue } from "bullmq";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { bullmqPrefix, connectForBullmq } from "../../src/engine/bullmq/bullmq-connection.ts";
import { BullmqJobs } from "../../src/engine/bullmq/bullmq-jobs.ts";
import { Jobs } from "../../src/engine/embedded/jobs.ts";
import type { Job } from "../../src/ports/job.ts";
import { systemClock as clock } from "../../src/runtime/clock.ts";
import { connectionsOf } from "../support/core/queue-connections.ts";
import { RecordingLog } from "../support/core/recording-log.ts";
import { redisIsMissing, startRedisServer, type RedisServer } from "../support/redis-server.ts";

interface Doing extends AsyncDisposable {
  readonly start: () => void;
}

const patiently = { timeout: 60_000, interval: 10 };

/** The contract of everything that runs jobs. */
function jobsContract(open: (jobs: readonly Job[], log: RecordingLog) => Doing): void {
  test("runs each job repeatedly", async () => {
    const done = { one: 0, other: 0 };
    await using jobs = open(
      [
        { name: "one", everyMs: 20, run: async () => void (done.one += 1) },
        { name: "other", everyMs: 20, run: async () => void (done.other += 1) },
      ],
      new RecordingLog(),
    );
    jobs.start();
    await expect.poll(() => Math.min(done.one, done.other), patiently).toBeGreaterThan(2);
    expect(done.one).toBeGreaterThan(2);
  });

  test("reports a failing job when it begins and when it ends, and runs the others", async () => {
    const log = new RecordingLog();
    const fault = new Error("away");
    const state = { isAway: true, tries: 0, others: 0 };
    const run = async (): Promise<void> => {
      state.tries += 1;
      if (state.isAway) throw fault;
    };
    await using jobs = open(
      [
        { name: "ill", everyMs: 20, run },
        { name: "well", everyMs: 20, run: async () => void (state.others += 1) },
      ],
      log,
    );
    jobs.start();
    await expect.poll(() => Math.min(state.tries, state.others), patiently).toBeGreaterThan(2);
    state.isAway = false;
    await expect.poll(() => log.lines.map(({ level }) => level), patiently).toEqual(["error", "info"]);
    expect(log.lines.map(({ facts }) => facts["job"])).toEqual(["ill", "ill"]);
  });

  test("begins no run of a job during another one, and the next one soon after it", async () => {
    const held = Promise.withResolvers<void>();
    const begun = { long: 0, other: 0 };
    await using jobs = open(
      [
        {
          name: "long",
          everyMs: 20,
          run: async () => {
            begun.long += 1;
            await held.promise;
          },
        },
        { name: "other", everyMs: 20, run: async () => void (begun.other += 1) },
      ],
      new RecordingLog(),
    );
    jobs.start();
    await expect.poll(() => begun.other, patiently).toBeGreaterThan(10);
    expect(begun.long).toBe(1);
    held.resolve();
    await expect.poll(() => begun.long, patiently).toBeGreaterThan(2);
  });

  test("stops in the middle of a job, and runs none after that", async () => {
    let begun = 0;
    let ended = 0;
    const jobs = open(
      [
        {
          name: "long",
          everyMs: 20,
          run: async (signal) => {
            begun += 1;
            const { promise, resolve } = Promise.withResolvers<void>();
            signal.addEventListener("abort", () => resolve(), { once: true });
            await promise;
            ended += 1;
          },
        },
      ],
      new RecordingLog(),
    );
    jobs.start();
    await expect.poll(() => begun, patiently).toBe(1);
    await jobs[Symbol.asyncDispose]();
    expect([begun, ended]).toEqual([1, 1]);
  });
}

describe("jobs in this process", () => {
  jobsContract((jobs, log) => new Jobs(jobs, { clock, log }));
});

describe.skipIf(redisIsMissing)(`jobs on BullMQ ${redisIsMissing ?? ""}`, () => {
  let server: RedisServer;
  let database = 0;
  beforeAll(async () => {
    server = await startRedisServer("--databases", "100");
  });
  afterAll(() => server[Symbol.asyncDispose]());
  const open = (jobs: readonly Job[], log: RecordingLog, index = (database += 1)): Doing =>
    new BullmqJobs(jobs, { url: `${server.url}/${index}`, connections: connectionsOf(log), log });

  jobsContract(open);

  test("run no more often on three replicas than on one", async () => {
    let done = 0;
    const job: Job = { name: "shared", everyMs: 200, run: async () => void (done += 1) };
    const log = new RecordingLog();
    await using one = open([job], log, 90);
    await using two = open([job], log, 90);
    await using three = open([job], log, 90);
    const startedAtMs = Date.now();
    for (const each of [one, two, three]) each.start();
    await expect.poll(() => done, patiently).toBeGreaterThan(4);
    // Once at each start, and once per interval.
    expect(done).toBeLessThanOrEqual(3 + Math.ceil((Date.now() - startedAtMs) / 200) + 1);
  });

  test("are run by one replica at a time, however long a run takes", async () => {
    let [begun, running, mostAtOnce, others] = [0, 0, 0, 0];
    const held = Promise.withResolvers<void>();
    const long: Job = {
      name: "long",
      everyMs: 20,
      run: async () => {
        begun += 1;
        mostAtOnce = Math.max(mostAtOnce, (running += 1));
        await held.promise;
        running -= 1;
      },
    };
    const other: Job = { name: "other", everyMs: 20, run: async () => void (others += 1) };
    const log = new RecordingLog();
    await using one = open([long, other], log, 91);
    await using two = open([long, other], log, 91);
    await using three = open([long, other], log, 91);
    for (const each of [one, two, three]) each.start();
    await expect.poll(() => others, patiently).toBeGreaterThan(20);
    held.resolve();
    await expect.poll(() => begun, patiently).toBeGreaterThan(5);
    expect(mostAtOnce).toBe(1);
  });

  test("continue after Redis lost its data", async () => {
    let done = 0;
    const job: Job = { name: "steady", everyMs: 50, run: async () => void (done += 1) };
    await using jobs = open([job], new RecordingLog(), 92);
    jobs.start();
    await expect.poll(() => done, patiently).toBeGreaterThan(2);
    const admin = connectForBullmq(`${server.url}/92`);
    await admin.flushdb();
    admin.disconnect();
    const before = done;
    await expect.poll(() => done, patiently).toBeGreaterThan(before + 3);
  });

  test("replace the job schedulers of earlier versions", async () => {
    const connection = connectForBullmq(`${server.url}/93`);
    const earlier = new Queue("chores", { connection, prefix: bullmqPrefix });
    await earlier.upsertJobScheduler("steady", { every: 50 }, { name: "steady" });
    let [done, running, mostAtOnce] = [0, 0, 0];
    const run = async (): Promise<void> => {
      mostAtOnce = Math.max(mostAtOnce, (running += 1));
      await earlier.count();
      running -= 1;
      done += 1;
    };
    await using jobs = open([{ name: "steady", everyMs: 50, run }], new RecordingLog(), 93);
    jobs.start();
    await expect.poll(() => earlier.getJobSchedulersCount(), patiently).toBe(0);
    const before = done;
    await expect.poll(() => done, patiently).toBeGreaterThan(before + 5);
    const { active = 0, waiting = 0, delayed = 0 } = await earlier.getJobCounts();
    expect([active + waiting + delayed, mostAtOnce]).toEqual([1, 1]);
    await earlier.close();
    connection.disconnect();
  });
});
