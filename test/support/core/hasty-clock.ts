import type { Clock } from "../../../src/ports/clock.ts";

const speed = 100;

interface Sleeper {
  readonly wakeAtMs: number;
  readonly wake: () => void;
}

/**
 * Runs a hundred times too fast, so that retries take no time, but never past the end of a sleep before its sleeper has
 * woken up. Sleepers wake one after another, and each can work before the next one does: however slow the machine is, what
 * follows a short sleep comes before what follows a longer one.
 */
class HastyClock implements Clock {
  /** By the time at which they wake. */
  readonly #sleepers: Sleeper[] = [];
  #last = { ms: Date.now(), realMs: performance.now() };
  #timer: NodeJS.Timeout | undefined;

  readonly nowMs = (): number => {
    const passedMs = (performance.now() - this.#last.realMs) * speed;
    return Math.min(Math.floor(this.#last.ms + passedMs), this.#sleepers[0]?.wakeAtMs ?? Infinity);
  };

  readonly sleep = async (ms: number, signal: AbortSignal): Promise<void> => {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const sleeper: Sleeper = { wakeAtMs: this.#stop() + Math.max(1, Math.ceil(ms)), wake: resolve };
    const later = this.#sleepers.findIndex(({ wakeAtMs }) => wakeAtMs > sleeper.wakeAtMs);
    this.#sleepers.splice(later === -1 ? this.#sleepers.length : later, 0, sleeper);
    this.#continue();
    const leave = (): void => {
      this.#stop();
      const index = this.#sleepers.indexOf(sleeper);
      if (index !== -1) this.#sleepers.splice(index, 1);
      this.#continue();
      reject(signal.reason);
    };
    signal.addEventListener("abort", leave, { once: true });
    await promise.finally(() => signal.removeEventListener("abort", leave));
  };

  /** Counts from now on, so that a change of the sleepers moves no time that has passed. */
  #stop(): number {
    this.#last = { ms: this.nowMs(), realMs: performance.now() };
    return this.#last.ms;
  }

  #continue(): void {
    clearTimeout(this.#timer);
    const [next] = this.#sleepers;
    if (next !== undefined)
      this.#timer = setTimeout(() => this.#wakeFirst(), (next.wakeAtMs - this.#last.ms) / speed);
  }

  #wakeFirst(): void {
    const first = this.#sleepers.shift();
    if (first === undefined) return;
    this.#last = { ms: first.wakeAtMs, realMs: performance.now() };
    first.wake();
    this.#continue();
  }
}

/** The same for all, so that a process that follows another one goes on in its time. */
export const hastyClock: Clock = new HastyClock();
