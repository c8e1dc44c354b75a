import { DelayedError, Queue, Worker, type Job as Entry } from "bullmq";
import type { Redis } from "ioredis";

import type { Job } from "../../ports/job.ts";
import type { Log } from "../../ports/log.ts";
import { systemClock as clock } from "../../runtime/clock.ts";
import { withDeadline } from "../../async/deadline.ts";
import { bullmqPrefix as prefix, connectForBullmq, idleWaitS, stalledCheckMs } from "./bullmq-connection.ts";
import { backOffOnRefusals, isServerFull } from "./back-off.ts";
import { holdLock, jobLockMs } from "./job-lock.ts";
import type { QueueConnections } from "./queue-connections.ts";
import { Jobs, runJobOnce, outageReporter, type Report } from "../embedded/jobs.ts";

const queueName = "chores";
/** An entry that was lost, for example with the server's data, is added again within this time. */
const addEveryMs = 5_000;
const closeMs = 5_000;
/** For when the queue can't be closed in order: see QueueConnections. */
const forcedCloseMs = 1_000;

interface Options {
  readonly url: string;
  readonly log: Log;
  readonly connections: QueueConnections;
}

/**
 * Runs each job on one replica at a time. More replicas don't run it more often. Each job is one entry of the queue,
 * with the job's name as its id, and is delayed again after each run. BullMQ's job schedulers start a run beside one that
 * takes longer than its interval: https://github.com/taskforcesh/bullmq/issues/2285
 */
export class BullmqJobs implements AsyncDisposable {
  readonly #jobs: ReadonlyMap<string, Job>;
  readonly #log: Log;
  readonly #connections: QueueConnections;
  readonly #connection: Redis;
  readonly #queue: Queue;
  readonly #closing = new AbortController();
  #worker: Worker | undefined;
  #backOff: Disposable | undefined;
  /** Runs the jobs in this process while the server has no room for queue entries. Some of them make room. */
  #local: Jobs | undefined;
  #adding: NodeJS.Timeout | undefined;

  constructor(jobs: readonly Job[], { url, log, connections }: Options) {
    this.#jobs = new Map(jobs.map((job) => [job.name, job]));
    this.#log = log;
    this.#connections = connections;
    this.#connection = connections.watch(connectForBullmq(url));
    this.#queue = new Queue(queueName, { connection: this.#connection, prefix, skipMetasUpdate: true });
    // The stores use the same server and report its outage.
    this.#connection.on("error", () => undefined);
    this.#queue.on("error", () => undefined);
  }

  start(): void {
    const reports = new Map([...this.#jobs.keys()].map((name) => [name, outageReporter(name, this.#log)]));
    const run = async (entry: Entry, token = ""): Promise<void> => {
      const job = this.#jobs.get(entry.name);
      const report = reports.get(entry.name);
      if (job === undefined || report === undefined || (await this.#isFromScheduler(entry))) return;
      const isRun = await this.#runLocked(job, report, { entry, token });
      await entry.moveToDelayed(Date.now() + (isRun ? job.everyMs : 0), token);
      throw new DelayedError();
    };
    this.#worker = new Worker(queueName, run, {
      connection: this.#connection,
      prefix,
      concurrency: this.#jobs.size,
      // An entry whose fetch was answered into a lost connection is active without a worker until its lock has ended.
      lockDuration: jobLockMs,
      skipLockRenewal: true,
      stalledInterval: stalledCheckMs,
      drainDelay: idleWaitS,
      runRetryDelay: 1_000,
      maxStalledCount: Number.MAX_SAFE_INTEGER,
    });
    this.#backOff = backOffOnRefusals(this.#worker, {
      name: queueName,
      log: this.#log,
      onFull: () => this.#runLocally(),
      onEnd: () => void this.#stopLocalJobs(),
    });
    void this.#addMissing();
    this.#adding = setInterval(() => void this.#addMissing(), addEveryMs).unref();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#adding);
    this.#backOff?.[Symbol.dispose]();
    await this.#stopLocalJobs();
    this.#closing.abort(new Error("The process is closing"));
    const isCut = this.#connections.disconnectMissing();
    try {
      const close = async (): Promise<void> => {
        await this.#worker?.close(isCut);
        await this.#queue.close();
      };
      await withDeadline(close, isCut ? forcedCloseMs : closeMs, new AbortController().signal);
    } catch (error) {
      this.#log.warn(
        { err: error },
        "the job queue could not be closed in time; another replica takes over its jobs",
      );
    } finally {
      this.#connection.disconnect();
    }
  }

  #runLocally(): void {
    if (this.#local !== undefined || this.#closing.signal.aborted) return;
    this.#local = new Jobs([...this.#jobs.values()], { clock, log: this.#log });
    this.#local.start();
  }

  async #stopLocalJobs(): Promise<void> {
    const local = this.#local;
    this.#local = undefined;
    await local?.[Symbol.asyncDispose]();
  }

  /** Returns whether the job ran to its end, while no other replica could run it. */
  async #runLocked(
    job: Job,
    report: Report,
    { entry, token }: { readonly entry: Entry; readonly token: string },
  ): Promise<boolean> {
    using lock = holdLock(entry, token, this.#log);
    const signal = AbortSignal.any([this.#closing.signal, lock.signal]);
    if (!signal.aborted) await runJobOnce(job, report, signal);
    return !signal.aborted;
  }

  /** Earlier versions used job schedulers, which would add entries for ever. */
  async #isFromScheduler({ repeatJobKey }: Entry): Promise<boolean> {
    if (repeatJobKey === undefined) return false;
    await this.#queue.removeJobScheduler(repeatJobKey);
    return true;
  }

  /** Adds the entries that the queue doesn't have. */
  async #addMissing(): Promise<void> {
    try {
      for (const name of this.#jobs.keys())
        await this.#queue.add(name, {}, { jobId: name, removeOnComplete: true, removeOnFail: true });
      await this.#stopLocalJobs();
    } catch (error) {
      if (isServerFull(error)) this.#runLocally();
      this.#log.debug({ err: error }, "jobs could not be scheduled; retrying");
    }
  }
}
