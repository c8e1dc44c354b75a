import { z } from "zod";

import { isConversationKey, type ConversationKey } from "../../domain/conversation.ts";
import type { Broadcast } from "../../ports/broadcast.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { RunNextTurn, TurnScheduler } from "../../ports/turn-scheduler.ts";
import type { Workers } from "../../ports/workers.ts";
import { EmbeddedScheduler } from "../embedded/embedded-scheduler.ts";
import { FaultLog } from "../fault-log.ts";

/** A few times within the life of a process that says nothing. See Workers. */
const beatEveryMs = 2_000;
/** Two beats. */
const silenceMs = 4_000;
/** So many beats after the stores were away, all others that live are connected again. */
const steadyBeats = 2;
const leaveMs = 1_500;
const helpChannel = "help";
const endChannel = "worker-ended";
/** `handedBack`: the conversations whose turns it did not finish. */
const endSchema = z.object({ worker: z.string(), handedBack: z.array(z.string()) });

interface Options {
  readonly turnsAtOnce: number;
  readonly shutdownMs: number;
  /** This process, as the journal names it. */
  readonly worker: string;
  readonly workers: Workers;
  readonly broadcast: Broadcast;
  /** Calls `onBack` when the stores are reachable again. */
  readonly onBack?: ((onBack: () => void) => void) | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Runs turns where they were scheduled, with several replicas on the same stores. The claim keeps two replicas from one
 * conversation: see Journal. A replica that is full asks the others for help; the conversation stays in its own queue all the
 * same, so a lost broadcast loses nothing.
 */
export class ReplicaScheduler implements TurnScheduler, AsyncDisposable {
  readonly #options: Options;
  readonly #local: EmbeddedScheduler;
  readonly #closing = new AbortController();
  readonly #listening = new DisposableStack();
  readonly #faults: FaultLog;
  #onEnd: () => void = () => undefined;
  #beating: Promise<void> = Promise.resolve();
  /** Since the last one that failed. */
  #beats = 0;

  private constructor(options: Options) {
    this.#options = options;
    this.#local = new EmbeddedScheduler(options);
    this.#faults = new FaultLog(options.log, "this replica could not say that it is alive; it is repeated");
  }

  /** @throws {StoreError} */
  static async open(options: Options): Promise<ReplicaScheduler> {
    const opened = new ReplicaScheduler(options);
    // What a killed process left is claimed at once, unless others are there.
    await options.workers.beat(options.worker, opened.#closing.signal, 0);
    return opened;
  }

  /** Scheduled conversations wait until this is called. */
  start(runNextTurn: RunNextTurn): void {
    const { broadcast, onBack } = this.#options;
    this.#local.start(runNextTurn);
    this.#beating = this.#beatRepeatedly();
    // Before another replica takes over what this one goes on with.
    onBack?.(() => void this.#beat());
    this.#listening.use(broadcast.listen(helpChannel, (conversation) => void this.#help(conversation)));
    this.#listening.use(broadcast.listen(endChannel, (ended) => void this.#takeOver(ended)));
  }

  /** Calls `listener` each time that another replica has ended: what it left can be claimed now. */
  onEndOfOther(listener: () => void): void {
    this.#onEnd = listener;
  }

  readonly schedule = async (conversation: ConversationKey): Promise<void> => {
    const { isFull } = this.#local;
    await this.#local.schedule(conversation);
    if (isFull) this.#options.broadcast.send(helpChannel, conversation);
  };

  /** Starts no more turns, gives running ones `shutdownMs` to finish, then hands them to the other replicas. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { worker, workers, broadcast, log } = this.#options;
    this.#listening.dispose();
    await this.#local[Symbol.asyncDispose]();
    this.#closing.abort();
    await this.#beating;
    try {
      await workers.leave(worker, AbortSignal.timeout(leaveMs));
      broadcast.send(endChannel, { worker, handedBack: [...this.#local.handedBack] });
    } catch (error) {
      log.warn({ err: error }, "the other replicas take this one's turns over only after eight seconds");
    }
  }

  async #help(conversation: unknown): Promise<void> {
    if (!isConversationKey(conversation) || this.#local.isFull) return;
    await this.#local.schedule(conversation);
  }

  /** Also what catch-up holds back, which the sweeper would leave. */
  async #takeOver(message: unknown): Promise<void> {
    const ended = endSchema.safeParse(message).data;
    if (ended === undefined || ended.worker === this.#options.worker) return;
    for (const each of ended.handedBack.filter(isConversationKey)) await this.#local.schedule(each);
    this.#onEnd();
  }

  async #beatRepeatedly(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await this.#beat();
      await clock.sleep(beatEveryMs, signal).catch(() => undefined);
    }
  }

  async #beat(): Promise<void> {
    const { worker, workers } = this.#options;
    const { signal } = this.#closing;
    if (signal.aborted) return;
    try {
      const patience = this.#beats < steadyBeats ? [] : [silenceMs];
      if (await workers.beat(worker, signal, ...patience)) this.#onEnd();
      this.#beats += 1;
      this.#faults.noteSuccess();
    } catch (error) {
      this.#beats = 0;
      if (!signal.aborted) this.#faults.logFailure(error);
    }
  }
}
