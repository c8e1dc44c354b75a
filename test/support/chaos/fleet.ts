import { setTimeout } from "node:timers/promises";

import { startBot, type BotProcess, type BotSettings } from "../bot-process.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import type { Span } from "./lost-times.ts";

/** What the platforms do when a replica starts or ends. */
export interface FleetEvents {
  readonly up: (slot: number, bot: BotProcess) => void;
  readonly down: (slot: number) => void;
}

/** A moment at which a replica stopped in the middle of its work. */
export interface Fall {
  readonly slot: number;
  readonly atMs: number;
}

/** The output of one process. */
export interface Logbook {
  readonly name: string;
  readonly text: () => string;
}

interface Berth {
  readonly folder: { readonly path: string } & Disposable;
  bot: BotProcess | undefined;
  isFrozen: boolean;
  /** The fleet ended it, so it is not a fault of the bot. */
  isWanted: boolean;
}

const againAfterMs = 500;
const usualStartMs = 4_000;

/** Replicas of the real program, each with its own folder. One that ends is restarted. */
export class Fleet implements AsyncDisposable {
  /** In order. */
  readonly falls: Fall[] = [];
  /** When no replica ran, in order. */
  readonly downtimes: Span[] = [];
  readonly logbooks: Logbook[] = [];
  /** Forbidden ends of a bot: by itself, or with the wrong code. */
  readonly faults: string[] = [];
  /** How long the slowest start took. */
  longestStartMs = 0;
  #lastStartMs = 0;
  readonly #berths: Berth[];
  #settingsOf: (slot: number) => BotSettings = () => ({});
  #events: FleetEvents = { up: () => undefined, down: () => undefined };
  #isClosing = false;
  #emptySinceMs: number | undefined;

  constructor(size: number) {
    this.#berths = Array.from({ length: size }, () => ({
      folder: temporaryFolder(),
      bot: undefined,
      isFrozen: false,
      isWanted: false,
    }));
  }

  /** Call it once, when everything the bots need is ready. */
  async startAll(settingsOf: (slot: number) => BotSettings, events: FleetEvents): Promise<void> {
    this.#settingsOf = settingsOf;
    this.#events = events;
    await Promise.all(this.#berths.map((_, slot) => this.start(slot)));
  }

  /** Running replicas. */
  live(): readonly number[] {
    return [...this.#berths.keys()].filter((slot) => {
      const { bot, isFrozen } = this.#berth(slot);
      return bot !== undefined && !isFrozen;
    });
  }

  /** The data folders. */
  folders(): readonly string[] {
    return this.#berths.map(({ folder }) => folder.path);
  }

  /**
   * From 1: how much slower than a quiet machine this one is now. A bot that dies again before it does anything proves nothing;
   * the first one may die at once.
   */
  slowness(): number {
    return this.falls.length === 0 ? 1 : Math.max(1, this.#lastStartMs / usualStartMs);
  }

  readonly isFrozen = (slot: number): boolean => this.#berth(slot).isFrozen;

  /** Retries until it works, like a process supervisor, because without Redis the bot gives up after a while. */
  async start(slot: number): Promise<void> {
    const berth = this.#berth(slot);
    for (;;) {
      try {
        const fromMs = Date.now();
        const bot = await startBot({ ...this.#settingsOf(slot), DATA_DIR: berth.folder.path });
        this.#lastStartMs = Date.now() - fromMs;
        this.longestStartMs = Math.max(this.longestStartMs, this.#lastStartMs);
        berth.bot = bot;
        berth.isWanted = true;
        this.logbooks.push({ name: `replica-${slot}-${bot.pid}`, text: bot.output });
        if (this.#emptySinceMs !== undefined)
          this.downtimes.push({ fromMs: this.#emptySinceMs, toMs: Date.now() });
        this.#emptySinceMs = undefined;
        this.#events.up(slot, bot);
        void bot.ended.then((code) => this.#ended(slot, bot, code));
        return;
      } catch (error) {
        this.logbooks.push({ name: `replica-${slot}-${Date.now()}-not-started`, text: () => String(error) });
        if (this.#isClosing) return;
        await setTimeout(againAfterMs);
      }
    }
  }

  async kill(slot: number): Promise<void> {
    const { bot } = this.#berth(slot);
    this.falls.push({ slot, atMs: Date.now() });
    this.#leave(slot);
    await bot?.kill();
  }

  freeze(slot: number): void {
    const berth = this.#berth(slot);
    if (berth.bot === undefined) return;
    this.falls.push({ slot, atMs: Date.now() });
    berth.isFrozen = true;
    process.kill(berth.bot.pid, "SIGSTOP");
  }

  thaw(slot: number): void {
    const berth = this.#berth(slot);
    if (berth.bot !== undefined && berth.isFrozen) process.kill(berth.bot.pid, "SIGCONT");
    berth.isFrozen = false;
  }

  /** Ends a replica like an operator. Messages that reach it before its end are its business. */
  async stop(slot: number): Promise<void> {
    const berth = this.#berth(slot);
    const { bot } = berth;
    berth.isWanted = false;
    const code = await bot?.stop();
    if (bot !== undefined && code !== 0) this.faults.push(`replica ${slot} ended with ${code} after SIGTERM`);
    this.#leave(slot);
  }

  async stopAll(): Promise<void> {
    this.#isClosing = true;
    await Promise.all(
      this.#berths.map(async (_, slot) => {
        this.thaw(slot);
        await this.stop(slot);
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosing = true;
    for (const [slot, { bot, folder }] of this.#berths.entries()) {
      this.#leave(slot);
      await bot?.kill();
      folder[Symbol.dispose]();
    }
  }

  #leave(slot: number): void {
    const berth = this.#berth(slot);
    berth.bot = undefined;
    berth.isFrozen = false;
    berth.isWanted = false;
    if (this.#berths.every(({ bot }) => bot === undefined)) this.#emptySinceMs ??= Date.now();
    this.#events.down(slot);
  }

  #ended(slot: number, bot: BotProcess, code: number | null): void {
    const berth = this.#berth(slot);
    if (berth.bot !== bot || !berth.isWanted) return;
    this.faults.push(`replica ${slot} ended by itself with ${code}`);
    this.falls.push({ slot, atMs: Date.now() });
    this.#leave(slot);
    void this.start(slot);
  }

  #berth(slot: number): Berth {
    const berth = this.#berths[slot];
    if (berth === undefined) throw new RangeError(`There is no replica ${slot}`);
    return berth;
  }
}
