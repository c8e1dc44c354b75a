import { setTimeout } from "node:timers/promises";
import { join } from "node:path";

import type { Contestant } from "./contestants.ts";
import { percentile, sum } from "./figures.ts";
import { openContestant, type OpenContestant } from "./open-contestant.ts";
import { peakMiBOf } from "./process-usage.ts";
import { commandsDuring, countedBetween, shareOfScripts, type RedisCounters } from "./redis-counters.ts";
import type { Result, Run } from "./run.ts";
import type { Talked } from "./stand-in/orders.ts";

/** What a contestant is measured with. */
export interface Measure {
  readonly conversations: number;
  readonly modelDelayMs: number;
  readonly warmUpMessages: number;
  /** Before each run, not counted. */
  readonly leadInMessages: number;
  /** Of each run. */
  readonly messages: number;
  readonly threadTurns: number;
  /** Where profiles go; empty: there are none. */
  readonly profileFolder: string;
}

/** For the share of commands in scripts: Redis tells of each command, so this is no part of a run. */
const listenedMessages = 200;
/** After the last answer there is work left, as for the archive. */
const settleMs = 1_500;

/** One contestant with servers of its own, at one number of conversations. */
export class ContestantBench implements AsyncDisposable {
  readonly #contestant: Contestant;
  readonly #measure: Measure;
  readonly #stack = new AsyncDisposableStack();
  readonly #runs: Run[] = [];
  readonly #profiles: string[] = [];
  #opened: OpenContestant | undefined;

  constructor(contestant: Contestant, measure: Measure) {
    this.#contestant = contestant;
    this.#measure = measure;
  }

  /** Starts everything. */
  async start(): Promise<void> {
    const { threadTurns } = this.#measure;
    // Nobody's history is cut before a thread ends.
    const settings = threadTurns === 0 ? {} : { HISTORY_LENGTH: String(2 * threadTurns) };
    const options = this.#contestant.needsPackages ? { settings } : {};
    this.#opened = await openContestant(this.#contestant, this.#stack, options);
  }

  /** Fills the history of each conversation, and lets the compilers do their work, which need no delay of the model for it. */
  async warmUp(): Promise<void> {
    await this.#talk(this.#measure.warmUpMessages, 0);
  }

  async run(): Promise<void> {
    const { programs, cpuSeconds, redisCounters } = this.#bot;
    const profiles = this.#measure.profileFolder !== "";
    await this.#talk(this.#measure.leadInMessages, 0);
    await setTimeout(settleMs);
    await Promise.all(programs.map((each) => each.ask({ probe: "begin", profiles })));
    const [redis, cpu] = [await redisCounters(), cpuSeconds()];
    const talked = await this.#talk(this.#measure.messages);
    const usedSeconds = cpuSeconds() - cpu;
    const used = countedBetween(redis, await redisCounters());
    const ends = await Promise.all(
      programs.map((each, index) =>
        each.ask({ probe: "end", profileFile: profiles ? this.#profileFile(index) : "" }),
      ),
    );
    this.#profiles.push(...ends.flatMap(({ profileFiles }) => profileFiles));
    this.#runs.push({
      ...runOf(talked, usedSeconds, used),
      loopDelayP99Ms: Math.max(...ends.map((each) => each.loopDelayP99Ms)),
      loopDelayMaxMs: Math.max(...ends.map((each) => each.loopDelayMaxMs)),
    });
  }

  async result(): Promise<Result> {
    const { programs, memory, redisUrl } = this.#bot;
    await setTimeout(settleMs);
    const { rssMiB, heapMiB } = await memory();
    const peakMiB = sum(programs.map(({ pid }) => peakMiBOf(pid)));
    // Second answers that came after the last run.
    const late = await this.#talk(0);
    const { name, title } = this.#contestant;
    const { conversations, modelDelayMs, threadTurns } = this.#measure;
    const { warmUpMessages, leadInMessages, messages } = this.#measure;
    const listen = (): Promise<unknown> => this.#talk(listenedMessages);
    return {
      name,
      title,
      conversations,
      modelDelayMs,
      warmUpMessages,
      leadInMessages,
      messages,
      threadTurns,
      runs: this.#runs.map((run, index) =>
        index === this.#runs.length - 1 ? { ...run, doubled: run.doubled + late.doubled } : run,
      ),
      rssMiB,
      heapMiB,
      peakMiB,
      shareInScripts: redisUrl === undefined ? 0 : shareOfScripts(await commandsDuring(redisUrl, listen)),
    };
  }

  /** What its programs wrote last, as warnings. */
  output(): string {
    return this.#bot.programs.map((each) => each.output()).join("");
  }

  /** The files of the runs' profiles, with those of the program's threads. */
  profiles(): readonly string[] {
    return this.#profiles;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }

  get #bot(): OpenContestant {
    if (this.#opened === undefined) throw new Error("Not started");
    return this.#opened;
  }

  async #talk(messages: number, modelDelayMs = this.#measure.modelDelayMs): Promise<Talked> {
    const { conversations, threadTurns } = this.#measure;
    return this.#bot.standIn.talk({ conversations, messages, modelDelayMs, threadTurns });
  }

  #profileFile(index: number): string {
    const { profileFolder, conversations, modelDelayMs } = this.#measure;
    const run = `k${conversations}-delay${modelDelayMs}-run${this.#runs.length + 1}-replica${index + 1}`;
    return join(profileFolder, `${this.#contestant.name}-${run}.cpuprofile`);
  }
}

function runOf(
  talked: Talked,
  cpuSeconds: number,
  redis: RedisCounters,
): Omit<Run, "loopDelayP99Ms" | "loopDelayMaxMs"> {
  const { messages, seconds, answerMs, firstTextMs } = talked;
  return {
    messagesPerS: (messages - talked.lost) / seconds,
    p50Ms: percentile(answerMs, 0.5),
    p95Ms: percentile(answerMs, 0.95),
    p99Ms: percentile(answerMs, 0.99),
    maxMs: percentile(answerMs, 1),
    firstTextMs: percentile(firstTextMs, 0.5),
    cpuSPer1000: (cpuSeconds / messages) * 1_000,
    redisCommands: redis.commands / messages,
    redisReads: redis.reads / messages,
    redisBytes: redis.bytes / messages,
    redisCpuMs: redis.cpuMs / messages,
    slackCalls: sum(Object.values(talked.slackCalls)) / messages,
    modelCalls: talked.modelCalls / messages,
    promptMessages: talked.promptMessages,
    promptBytes: talked.promptBytes,
    lost: talked.lost,
    doubled: talked.doubled,
    redelivered: talked.redelivered,
    standInBusy: talked.cpuSeconds / seconds,
  };
}
