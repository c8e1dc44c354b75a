import { randomUUID } from "node:crypto";

import { LRUCache } from "lru-cache";

import {
  type AnswerEnds,
  firstWordsFactor,
  growthShare,
  reservationTtlMs,
  maxGrowthPauseMs,
  noCallLeftPauseMs,
  strictAfterRefusalMs,
  type Growth,
  type RateLimit,
  type RateLimits,
} from "../../../ports/rate-limits.ts";
import { strings } from "../commands/replies.ts";
import { keys } from "../commands/keys.ts";
import type { Redis } from "../commands/redis.ts";
import {
  growScript,
  noteScript,
  pauseScript,
  reserveScript,
  spareScript,
} from "../lua/rate-limit-scripts.ts";
import { RateNotes, type RateNote } from "./rate-notes.ts";

const maxTidied = 1_000;
/** Of the growths of a process, on average one in so many trims the sets. */
const growthsPerTrim = 8;
/** For so long after a look that found no pause, a process makes necessary calls without another look. */
const freeForMs = 500;
/** For so long it may keep to itself what it did. */
const noteForMs = 100;
/** So many calls are told at once. */
const maxNoted = 1_000;
/** Each command has a deadline of its own. */
const { signal: never } = new AbortController();

interface Time {
  /** The same clock for all replicas. */
  readonly nowMs: (signal: AbortSignal) => Promise<number>;
}

/** A necessary call. */
interface Call {
  readonly ticket: string;
  readonly nowMs: number;
  readonly ends: AnswerEnds;
}

/**
 * Rate limits counted over all replicas. Every key expires by itself. Where calls follow each other quickly, one look tells for
 * all of half a second that none has to wait, and they are counted together a moment later. Growth and pauses tell first.
 */
export class RedisRateLimits implements RateLimits, AsyncDisposable {
  readonly #redis: Redis;
  readonly #time: Time;
  /** By name of the limit. */
  readonly #tidiedAtMs = new LRUCache<string, number>({ max: maxTidied });
  /** By name of the limit: when a look found no pause. */
  readonly #freeAtMs = new LRUCache<string, number>({ max: maxTidied });
  /** By name of the limit: a look that is under way. None of them rejects. */
  readonly #looks = new Map<string, Promise<void>>();
  /** How many this process has begun, and ended. */
  #pauses = 0;
  readonly #notes = new RateNotes();
  #notedAtMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #telling: Promise<unknown> = Promise.resolve();

  constructor(redis: Redis, time: Time) {
    this.#redis = redis;
    this.#time = time;
  }

  readonly reserve: RateLimits["reserve"] = async (limit, ticket, signal, ends = {}) => {
    let nowMs = await this.#time.nowMs(signal);
    const look = this.#isFree(limit, nowMs) ? undefined : this.#looks.get(limit.name);
    if (look !== undefined) {
      // It may tell for this call too.
      await look;
      signal.throwIfAborted();
      nowMs = await this.#time.nowMs(signal);
    }
    if (this.#isFree(limit, nowMs)) {
      this.#note(limit, nowMs, ends);
      return 0;
    }
    this.#tell(nowMs);
    const looking = this.#look(limit, { ticket, nowMs, ends }, signal);
    this.#share(limit, looking);
    return looking;
  };

  readonly reserveForGrowth = async (
    limit: RateLimit,
    growth: Growth,
    signal: AbortSignal,
  ): Promise<number> => {
    const { name, calls, windowMs, forGrowth = calls } = limit;
    const names = [keys.rateCalls, keys.ratePaused, keys.rateOpen, keys.rateGrown].map((key) => key(name));
    const trims = Number(Math.random() * growthsPerTrim < 1);
    const nowMs = await this.#time.nowMs(signal);
    const values = [nowMs, calls, windowMs, trims, growth.answer, randomUUID()];
    const most = forGrowth * (growth.isFirst ? firstWordsFactor : 1);
    const rules = [reservationTtlMs, growthShare, maxGrowthPauseMs, noCallLeftPauseMs, most];
    this.#tell(nowMs);
    return Number(await this.#redis.run(growScript, names, [...values, ...rules], signal));
  };

  readonly takeSpare: RateLimits["takeSpare"] = async (limit, end, signal) => {
    const names = [limit.name, end.limit.name].flatMap((name) =>
      [keys.rateCalls, keys.ratePaused, keys.rateOpen].map((key) => key(name)),
    );
    const nowMs = await this.#time.nowMs(signal);
    const limits = [limit, end.limit].flatMap(({ calls, windowMs }) => [calls, windowMs]);
    const values = [nowMs, reservationTtlMs, ...limits, randomUUID(), end.answer, end.forMs];
    this.#tell(nowMs);
    return Number(await this.#redis.run(spareScript, names, values, signal)) === 1;
  };

  readonly open = async (limit: RateLimit, answer: string, signal: AbortSignal): Promise<void> => {
    const key = keys.rateOpen(limit.name);
    await this.#redis.send(["ZADD", key, "NX", await this.#time.nowMs(signal), answer], signal);
    await this.#redis.send(["PEXPIRE", key, reservationTtlMs * 2], signal);
  };

  readonly pause = async (limit: RateLimit, ms: number, signal: AbortSignal): Promise<void> => {
    const names = [keys.rateCalls, keys.ratePaused, keys.rateStrict].map((key) => key(limit.name));
    this.#endFreedom(limit);
    try {
      const nowMs = await this.#time.nowMs(signal);
      this.#tell(nowMs);
      await this.#redis.run(pauseScript, names, [nowMs, ms, strictAfterRefusalMs], signal);
    } finally {
      // A look may have overtaken it.
      this.#endFreedom(limit);
    }
  };

  /** Tells what was noted. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#tell(this.#notedAtMs);
    await this.#telling;
  }

  /** Asks for one call. While no call has to wait, the answer tells for half a second. */
  async #look(limit: RateLimit, call: Call, signal: AbortSignal): Promise<number> {
    const pauses = this.#pauses;
    const [waitMs, mark] = strings(await this.#ask(limit, call, signal));
    // A pause may have begun after the look.
    if (mark === undefined && pauses === this.#pauses) this.#freeAtMs.set(limit.name, call.nowMs);
    return Number(waitMs);
  }

  /** Calls that start while this look is running wait for its result, and send no look of their own. */
  #share({ name }: RateLimit, looking: Promise<unknown>): void {
    if (this.#looks.has(name)) return;
    const end = (): void => void this.#looks.delete(name);
    this.#looks.set(name, looking.then(end, end));
  }

  #note(limit: RateLimit, nowMs: number, ends: AnswerEnds): void {
    this.#notes.add(limit, nowMs, ends);
    this.#notedAtMs = nowMs;
    if (this.#notes.count >= maxNoted) this.#tell(nowMs);
    else this.#timer ??= setTimeout(() => this.#tell(this.#notedAtMs), noteForMs).unref();
  }

  #ask(limit: RateLimit, { ticket, nowMs, ends }: Call, signal: AbortSignal): Promise<unknown> {
    const { name } = limit;
    const { opens, closes = "", releases } = ends;
    const names = [
      keys.rateCalls(name),
      keys.ratePaused(name),
      keys.rateStrict(name),
      keys.rateOpen(name),
      keys.rateOpen(opens?.limit.name ?? name),
      keys.rateOpen(releases?.limit.name ?? name),
    ];
    const isLate = Number(limit.isCountedLate === true);
    const rest = [opens?.answer ?? "", closes, reservationTtlMs, isLate, releases?.answer ?? ""];
    const values = [
      nowMs,
      limit.calls,
      limit.windowMs,
      Number(this.#tidies(limit, nowMs)),
      ticket,
      randomUUID(),
    ];
    return this.#redis.run(reserveScript, names, [...values, ...rest], signal);
  }

  /** Of looks under way too. */
  #endFreedom({ name }: RateLimit): void {
    this.#pauses += 1;
    this.#freeAtMs.delete(name);
  }

  #isFree({ name }: RateLimit, nowMs: number): boolean {
    const sinceMs = nowMs - (this.#freeAtMs.get(name) ?? Number.NEGATIVE_INFINITY);
    return sinceMs >= 0 && sinceMs < freeForMs;
  }

  /** Nobody waits for it. What does not arrive stays uncounted, as a call during an outage. */
  #tell(nowMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const told = this.#notes.take().map((note) => this.#tellNote(note, nowMs));
    if (told.length > 0) this.#telling = Promise.all([this.#telling, ...told]).catch(() => undefined);
  }

  async #tellNote({ limit, calls, opens, closes }: RateNote, nowMs: number): Promise<void> {
    const tidies = Number(calls.length > 0 && this.#tidies(limit, nowMs));
    const counts = [calls.length, closes.size];
    const values = [nowMs, limit.windowMs, tidies, reservationTtlMs, ...counts, ...calls.flat(), ...closes];
    const open = [...opens].flatMap(([answer, atMs]) => [atMs, answer]);
    const names = [keys.rateCalls(limit.name), keys.rateOpen(limit.name)];
    await this.#redis.run(noteScript, names, [...values, ...open], never);
  }

  /** Once in each window. Then the calls expire two windows later, or after the next call that tidies. */
  #tidies({ name, windowMs }: RateLimit, nowMs: number): boolean {
    const sinceMs = nowMs - (this.#tidiedAtMs.get(name) ?? Number.NEGATIVE_INFINITY);
    const isDue = sinceMs >= windowMs || sinceMs < 0;
    if (isDue) this.#tidiedAtMs.set(name, nowMs);
    return isDue;
  }
}
