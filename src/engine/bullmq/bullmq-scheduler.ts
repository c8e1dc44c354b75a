import { Queue, Worker, type Job } from "bullmq";
import type { Redis } from "ioredis";

import { conversationKey, type ConversationKey } from "../../domain/conversation.ts";
import type { Log } from "../../ports/log.ts";
import type { RunNextTurn, TurnScheduler } from "../../ports/turn-scheduler.ts";
import { withDeadline } from "../../runtime/deadline.ts";
import { randomIds } from "../../runtime/ids.ts";
import { backOffOnRefusals, isServerFull } from "./back-off.ts";
import { EmbeddedScheduler } from "../embedded/embedded-scheduler.ts";
import type { QueueConnections } from "./queue-connections.ts";
import { FaultLog } from "../fault-log.ts";
import { bullmqPrefix as prefix, connectForBullmq, idleWaitS } from "./bullmq-connection.ts";

const queueName = "turns";
const addMs = 1_500;
/** A replica that does not renew its locks for so long is taken for dead. */
const lockMs = 8_000;
const stalledCheckMs = 3_000;
/** After the running turns were told to stop: to write down how far they are. */
const handBackMs = 5_000;
/** Where nothing can be handed back: see QueueConnections. */
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
 * Takes turns on whichever replica has room, one at a time for each conversation: BullMQ's lock decides who works, and
 * the epoch whose writes count. A job only says that a conversation may have something to do; losing one costs nothing
 * but the time until the sweeper comes by.
 */
export class BullmqScheduler implements TurnScheduler, AsyncDisposable {
  readonly #options: BullmqOptions;
  readonly #faults: FaultLog;
  readonly #connection: Redis;
  readonly #queue: Queue<ScheduledTurn>;
  readonly #closing = new AbortController();
  /** For a server that is too full to take a job. */
  readonly #here: EmbeddedScheduler;
  #worker: Worker<ScheduledTurn> | undefined;
  #easing: Disposable | undefined;

  constructor(options: BullmqOptions) {
    this.#options = options;
    this.#faults = new FaultLog(options.log, "drain failed");
    this.#here = new EmbeddedScheduler({ ...options, turnsAtOnce: maxLocalTurns });
    this.#connection = options.connections.watch(connectForBullmq(options.url));
    this.#queue = new Queue<ScheduledTurn>(queueName, {
      connection: this.#connection,
      prefix,
      skipMetasUpdate: true,
    });
    // The stores share the server, and report the outage.
    this.#connection.on("error", () => undefined);
    this.#queue.on("error", () => undefined);
  }

  /** Until then, woken conversations wait. */
  start(runNextTurn: RunNextTurn): void {
    this.#worker = new Worker<ScheduledTurn>(queueName, (job) => this.#run(job, runNextTurn), {
      connection: this.#connection,
      prefix,
      concurrency: this.#options.turnsAtOnce,
      lockDuration: lockMs,
      stalledInterval: stalledCheckMs,
      drainDelay: idleWaitS,
      runRetryDelay: 1_000,
      // A wake is never given up; a poison message is, by the core.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
    });
    this.#easing = backOffOnRefusals(this.#worker, { name: queueName, log: this.#options.log });
    this.#here.start(runNextTurn);
  }

  /** One job for each conversation, and one more while that runs: nothing that comes meanwhile is passed over. */
  readonly schedule = async (conversation: ConversationKey, signal: AbortSignal): Promise<void> => {
    try {
      await withDeadline(() => this.#add(conversation), addMs, signal);
    } catch (error) {
      // A server that is full takes no job, but what people want deleted has to go; the epoch keeps the order.
      if (!isServerFull(error)) throw error;
      await this.#here.schedule(conversation);
    }
  };

  /** Takes nothing new, gives what runs `shutdownMs` to finish, then hands it back to the other replicas. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { shutdownMs, log, connections } = this.#options;
    this.#easing?.[Symbol.dispose]();
    const isCut = connections.disconnectMissing();
    const deadline = setTimeout(() => {
      this.#closing.abort(new Error("The process is closing"));
    }, shutdownMs);
    try {
      await withDeadline(
        async () => {
          await Promise.all([this.#worker?.close(isCut), this.#here[Symbol.asyncDispose]()]);
          await this.#queue.close();
        },
        isCut ? forcedCloseMs : shutdownMs + handBackMs,
        new AbortController().signal,
      );
    } catch (error) {
      log.warn({ err: error }, "the queue could not be closed in order");
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
        // A Redis that lost its last second would give a number twice, and one worker would settle another's job.
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
      // To the end of the queue: a busy conversation does not keep others waiting.
      if (outcome === "more" || signal.aborted)
        await this.schedule(conversation, new AbortController().signal);
    } catch (error) {
      // The inbox still holds what was not finished, and the sweeper comes by.
      if (!signal.aborted) this.#faults.logFailure(error);
    }
  }
}
