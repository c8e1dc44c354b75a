import { Queue, Worker, type Job as BullmqJob } from "bullmq";
import type { Redis } from "ioredis";

import type { Job } from "../../ports/job.ts";
import type { Log } from "../../ports/log.ts";
import { systemClock as clock } from "../../runtime/clock.ts";
import { withDeadline } from "../../async/deadline.ts";
import { bullmqPrefix as prefix, connectForBullmq, idleWaitS } from "./bullmq-connection.ts";
import { backOffOnRefusals, isServerFull } from "./back-off.ts";
import type { QueueConnections } from "./queue-connections.ts";
import { Jobs, runJobOnce, outageReporter } from "../embedded/jobs.ts";

const queueName = "chores";
/** A schedule lost with the server's data is restored within this time. */
const scheduleEveryMs = 60_000;
const closeMs = 5_000;
/** For when the queue can't be closed in order: see QueueConnections. */
const forcedCloseMs = 1_000;

interface Options {
  readonly url: string;
  readonly log: Log;
  readonly connections: QueueConnections;
}

/** Runs each job on one of the replicas, by BullMQ's job schedulers. More replicas don't run it more often. */
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
  #scheduling: NodeJS.Timeout | undefined;

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
    const run = async ({ name }: BullmqJob): Promise<void> => {
      const job = this.#jobs.get(name);
      const report = reports.get(name);
      if (job !== undefined && report !== undefined) await runJobOnce(job, report, this.#closing.signal);
    };
    this.#worker = new Worker(queueName, run, {
      connection: this.#connection,
      prefix,
      concurrency: this.#jobs.size,
      drainDelay: idleWaitS,
      maxStalledCount: Number.MAX_SAFE_INTEGER,
    });
    this.#backOff = backOffOnRefusals(this.#worker, {
      name: queueName,
      log: this.#log,
      onFull: () => this.#runLocally(),
      onEnd: () => void this.#stopLocalJobs(),
    });
    void this.#schedule();
    this.#scheduling = setInterval(() => void this.#schedule(), scheduleEveryMs).unref();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#scheduling);
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

  async #schedule(): Promise<void> {
    try {
      for (const { name, everyMs } of this.#jobs.values()) {
        await this.#queue.upsertJobScheduler(
          name,
          { every: everyMs },
          { name, opts: { removeOnComplete: true, removeOnFail: true } },
        );
      }
      await this.#stopLocalJobs();
    } catch (error) {
      if (isServerFull(error)) this.#runLocally();
      this.#log.debug({ err: error }, "jobs could not be scheduled; retrying");
    }
  }
}
