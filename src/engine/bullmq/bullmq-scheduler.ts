import { Queue, Worker, type Job } from "bullmq";
import type { Redis } from "ioredis";

import { conversationKey, type ConversationKey } from "../../domain/conversation.ts";
import type { Log } from "../../ports/log.ts";
import type { RunNextTurn, TurnScheduler } from "../../ports/turn-scheduler.ts";
import { withDeadline } from "../../async/deadline.ts";
import { randomIds } from "../../runtime/ids.ts";
import { backOffOnRefusals, isServerFull } from "./back-off.ts";
import { EmbeddedScheduler } from "../embedded/embedded-scheduler.ts";
import type { QueueConnections } from "./queue-connections.ts";
import { FaultLog } from "../fault-log.ts";
import { bullmqPrefix as prefix, connectForBullmq, idleWaitS, stalledCheckMs } from "./bullmq-connection.ts";

const queueName = "turns";
const addMs = 1_500;
/** A replica that doesn't renew its locks for this long is considered dead. */
const lockMs = 8_000;
/** For aborted turns to store how far they are. */
const handBackMs = 5_000;
/** For when the queue can't be closed in order: see QueueConnections. */
const forcedCloseMs = 1_000;
const maxLocalTurns = 5;

export interface BullmqOptions {
  readonly url: string;
  readonly turnsAtOnce: number;
  readonly shutdownMs: number;
  readonly log: Log;
  readonly connections: QueueConnections;
}

interface ScheduledTurn {
  readonly conversation: string;
}

/**
 * Runs turns on any replica with room, one at a time per conversation. BullMQ's lock decides who works; the epoch
 * decides whose writes count. A job says only that a conversation may have something to do. A lost one is replaced by
 * the sweeper.
 */
export class BullmqScheduler implements TurnScheduler, AsyncDisposable {
  readonly #options: BullmqOptions;
  readonly #faults: FaultLog;
  readonly #connection: Redis;
  readonly #queue: Queue<ScheduledTurn>;
  readonly #closing = new AbortController();
  /** Runs turns in this process while the server is too full for queue entries. */
  readonly #local: EmbeddedScheduler;
  #worker: Worker<ScheduledTurn> | undefined;
  #backOff: Disposable | undefined;

  constructor(options: BullmqOptions) {
    this.#options = options;
    this.#faults = new FaultLog(options.log, "a turn failed; the sweeper schedules it again");
    this.#local = new EmbeddedScheduler({ ...options, turnsAtOnce: maxLocalTurns });
    this.#connection = options.connections.watch(connectForBullmq(options.url));
    this.#queue = new Queue<ScheduledTurn>(queueName, {
      connection: this.#connection,
      prefix,
      skipMetasUpdate: true,
    });
    // The stores use the same server and report its outage.
    this.#connection.on("error", () => undefined);
    this.#queue.on("error", () => undefined);
  }

  /** Scheduled conversations wait until this is called. */
  start(runNextTurn: RunNextTurn): void {
    this.#worker = new Worker<ScheduledTurn>(queueName, (job) => this.#run(job, runNextTurn), {
      connection: this.#connection,
      prefix,
      concurrency: this.#options.turnsAtOnce,
      lockDuration: lockMs,
      stalledInterval: stalledCheckMs,
      drainDelay: idleWaitS,
      runRetryDelay: 1_000,
      // BullMQ never gives up a job; the core gives up a poison message.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
    });
    this.#backOff = backOffOnRefusals(this.#worker, { name: queueName, log: this.#options.log });
    this.#local.start(runNextTurn);
  }

  /** One job per conversation, and one more while it runs, so that an entry accepted during a turn is not missed. */
  readonly schedule = async (conversation: ConversationKey, signal: AbortSignal): Promise<void> => {
    try {
      await withDeadline(() => this.#add(conversation), addMs, signal);
    } catch (error) {
      // A full server accepts no job, but deletions have to go on. The epoch keeps two replicas from both writing.
      if (!isServerFull(error)) throw error;
      await this.#local.schedule(conversation);
    }
  };

  /** Starts no more turns, gives running ones `shutdownMs` to finish, then hands them to the other replicas. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { shutdownMs, log, connections } = this.#options;
    this.#backOff?.[Symbol.dispose]();
    const isCut = connections.disconnectMissing();
    const deadline = setTimeout(() => {
      this.#closing.abort(new Error("The process is closing"));
    }, shutdownMs);
    try {
      await withDeadline(
        async () => {
          await Promise.all([this.#worker?.close(isCut), this.#local[Symbol.asyncDispose]()]);
          await this.#queue.close();
        },
        isCut ? forcedCloseMs : shutdownMs + handBackMs,
        new AbortController().signal,
      );
    } catch (error) {
      log.warn(
        { err: error },
        "the turn queue could not be closed in time; the other replicas take its turns over",
      );
    } finally {
      clearTimeout(deadline);
      this.#connection.disconnect();
    }
  }

  async #add(conversation: ConversationKey): Promise<void> {
    await this.#queue.add(
      "wake",
      { conversation },
      {
        deduplication: { id: conversation, keepLastIfActive: true },
        removeOnComplete: true,
        removeOnFail: true,
        // A Redis that lost its last second would assign a numeric id twice, and one worker would settle the other's
        // job.
        jobId: randomIds.name(),
      },
    );
  }

  async #run(job: Job<ScheduledTurn>, runNextTurn: RunNextTurn): Promise<void> {
    const { signal } = this.#closing;
    const conversation = conversationKey(job.data.conversation);
    try {
      const outcome = await runNextTurn(conversation, signal);
      this.#faults.noteSuccess();
      // At the end of the queue, so that a busy conversation doesn't hold up the others.
      if (outcome === "more" || signal.aborted)
        await this.schedule(conversation, new AbortController().signal);
    } catch (error) {
      // The inbox still holds the unfinished entries, and the sweeper schedules them.
      if (!signal.aborted) this.#faults.logFailure(error);
    }
  }
}
