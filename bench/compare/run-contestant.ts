import { setTimeout } from "node:timers/promises";
import { join } from "node:path";

import { freePort } from "../../test/support/redis-server.ts";
import type { Contestant } from "./contestants.ts";
import { percentile } from "./figures.ts";
import { cpuSecondsOf, peakMiBOf } from "./process-usage.ts";
import { readRedisCounters, shareInScripts, type RedisCounters } from "./redis-counters.ts";
import type { Result, Run } from "./run.ts";
import type { Talk, Talked } from "./stand-in/orders.ts";
import { openStores } from "./open-stores.ts";
import { startProgram, type Program } from "./start-program.ts";
import { startStandIn, type StandIn } from "./start-stand-in.ts";

/** What a contestant is measured with. */
export interface Measure {
  readonly conversations: number;
  readonly modelDelayMs: number;
  readonly warmUpMessages: number;
  /** Of each run. */
  readonly messages: number;
  readonly threadTurns: number;
  /** Where profiles go; empty: there are none. */
  readonly profileFolder: string;
}

const none: RedisCounters = { commands: 0, reads: 0, bytes: 0, cpuMs: 0 };
/** For the share of commands in scripts: Redis tells of each command, so this is no part of a run. */
const listenedMessages = 200;
/** After the last answer there is work left, as for the archive. */
const settleMs = 1_500;

/** One contestant with servers of its own, at one number of conversations. */
export class ContestantBench implements AsyncDisposable {
  readonly #contestant: Contestant;
  readonly #measure: Measure;
  readonly #opened = new AsyncDisposableStack();
  readonly #programs: Program[] = [];
  readonly #runs: Run[] = [];
  #standIn: StandIn | undefined;
  #redisUrl: string | undefined;

  constructor(contestant: Contestant, measure: Measure) {
    this.#contestant = contestant;
    this.#measure = measure;
  }

  /** Starts everything. */
  async start(): Promise<void> {
    const { program, readyPath, replicas, settings } = this.#contestant;
    this.#standIn = this.#opened.use(await startStandIn());
    const stores = this.#opened.use(await openStores(this.#contestant));
    this.#redisUrl = stores.settings["REDIS_URL"];
    const env = { ...settings, ...this.#standIn.settings, ...stores.settings };
    const ports = await Promise.all(Array.from({ length: replicas }, freePort));
    for (const port of ports) {
      const started = await startProgram({ program, readyPath, port, settings: env });
      this.#programs.push(this.#opened.use(started));
    }
    await this.#standIn.deliverTo(ports);
  }

  /** Fills the history of each conversation, and lets the compilers do their work. */
  async warmUp(): Promise<void> {
    await this.#talk(this.#measure.warmUpMessages);
  }

  async run(): Promise<void> {
    const { profileFolder } = this.#measure;
    const profiles = profileFolder !== "";
    await setTimeout(settleMs);
    await Promise.all(this.#programs.map((each) => each.ask({ probe: "begin", profiles })));
    const [redis, cpu] = [await this.#redisCounters(), this.#cpuSeconds()];
    const talked = await this.#talk(this.#measure.messages);
    const cpuSeconds = this.#cpuSeconds() - cpu;
    const used = difference(await this.#redisCounters(), redis);
    const delays = await Promise.all(
      this.#programs.map((each, index) =>
        each.ask({ probe: "end", profileFile: profiles ? this.#profileFile(index) : "" }),
      ),
    );
    this.#runs.push({
      ...runOf(talked, cpuSeconds, used),
      loopDelayP99Ms: Math.max(...delays.map((each) => each.loopDelayP99Ms)),
      loopDelayMaxMs: Math.max(...delays.map((each) => each.loopDelayMaxMs)),
    });
  }

  async result(): Promise<Result> {
    await setTimeout(settleMs);
    const rests = await Promise.all(this.#programs.map((each) => each.ask({ probe: "rest" })));
    const peaks = this.#programs.map(({ pid }) => peakMiBOf(pid));
    const url = this.#redisUrl;
    const listen = (): Promise<unknown> => this.#talk(listenedMessages);
    const { name, title } = this.#contestant;
    const { conversations, modelDelayMs, warmUpMessages, messages } = this.#measure;
    return {
      name,
      title,
      conversations,
      modelDelayMs,
      warmUpMessages,
      messages,
      runs: this.#runs,
      rssMiB: sum(rests.map((each) => each.rssMiB)),
      heapMiB: sum(rests.map((each) => each.heapMiB)),
      peakMiB: sum(peaks),
      shareInScripts: url === undefined ? 0 : await shareInScripts(url, listen),
    };
  }

  /** What its programs wrote last, as warnings. */
  output(): string {
    return this.#programs.map((each) => each.output()).join("");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened.disposeAsync();
  }

  async #talk(messages: number): Promise<Talked> {
    const { conversations, modelDelayMs, threadTurns } = this.#measure;
    const talk: Talk = { conversations, messages, modelDelayMs, threadTurns };
    if (this.#standIn === undefined) throw new Error("Not started");
    return this.#standIn.talk(talk);
  }

  #cpuSeconds(): number {
    return sum(this.#programs.map(({ pid }) => cpuSecondsOf(pid)));
  }

  async #redisCounters(): Promise<RedisCounters> {
    return this.#redisUrl === undefined ? none : readRedisCounters(this.#redisUrl);
  }

  #profileFile(index: number): string {
    const { profileFolder, conversations } = this.#measure;
    const run = this.#runs.length;
    return join(profileFolder, `${this.#contestant.name}-${conversations}-${run}-${index}.cpuprofile`);
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

function difference(after: RedisCounters, before: RedisCounters): RedisCounters {
  return {
    commands: after.commands - before.commands,
    reads: after.reads - before.reads,
    bytes: after.bytes - before.bytes,
    cpuMs: after.cpuMs - before.cpuMs,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, each) => total + each, 0);
}
