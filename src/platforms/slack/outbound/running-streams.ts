import type { Post } from "../../../domain/post.ts";
import type { Clock } from "../../../ports/clock.ts";
import { PlatformError } from "../../../ports/platform-error.ts";
import type { SessionThread } from "./session-methods.ts";
import type { StreamPlace } from "./stream-methods.ts";

/** A message that this process streams. */
export interface RunningStream extends StreamPlace {
  readonly thread: SessionThread;
  readonly begunAtMs: number;
  /** What it was last asked to show. Its text is as it is sent. */
  post: Post;
  /** What people see of that. */
  sent: string;
  /** A call got no answer, so people may see more. */
  isUnsure: boolean;
  /** When it is stopped, whatever its answer does. */
  endAtMs: number;
}

/** Slack ends a stream itself after five minutes, and shows an error in it. */
export const longestMs = 240_000;
const slacksMs = 330_000;
/** The pause after an end that failed. */
const afterFailureMs = 5_000;

/** The streams of this process. Those that get too old are ended: also while there is nothing to write. */
export class RunningStreams implements Disposable {
  readonly #clock: Clock;
  readonly #end: (stream: RunningStream, signal: AbortSignal) => Promise<void>;
  readonly #streams = new Map<string, RunningStream>();
  readonly #closing = new AbortController();
  #wake = new AbortController();
  #isWatching = false;

  /** `end` stops a stream, and removes it from here. */
  constructor(clock: Clock, end: (stream: RunningStream, signal: AbortSignal) => Promise<void>) {
    this.#clock = clock;
    this.#end = end;
  }

  get(place: StreamPlace): RunningStream | undefined {
    return this.#streams.get(keyOf(place));
  }

  get all(): readonly RunningStream[] {
    return [...this.#streams.values()];
  }

  in({ channel, threadTs }: SessionThread): readonly RunningStream[] {
    return this.all.filter(({ thread }) => thread.channel === channel && thread.threadTs === threadTs);
  }

  add(stream: RunningStream): void {
    this.#streams.set(keyOf(stream), stream);
    if (!this.#isWatching) void this.#watch();
  }

  has(stream: RunningStream): boolean {
    return this.get(stream) === stream;
  }

  remove(stream: RunningStream): void {
    this.#streams.delete(keyOf(stream));
  }

  isOld({ endAtMs }: RunningStream): boolean {
    return this.#clock.nowMs() >= endAtMs;
  }

  /** Tries to end it after a while. */
  endSoon(stream: RunningStream, error: unknown): void {
    const waitMs = error instanceof PlatformError ? error.retryAfterMs : 0;
    stream.endAtMs = this.#clock.nowMs() + Math.max(afterFailureMs, waitMs);
    this.#wake.abort();
  }

  [Symbol.dispose](): void {
    this.#closing.abort();
    this.#wake.abort();
  }

  async #watch(): Promise<void> {
    this.#isWatching = true;
    const { signal } = this.#closing;
    while (this.#streams.size > 0 && !signal.aborted) {
      const [next] = [...this.#streams.values()].toSorted((one, other) => one.endAtMs - other.endAtMs);
      if (next === undefined) break;
      const leftMs = next.endAtMs - this.#clock.nowMs();
      if (leftMs <= 0) await this.#endOld(next, signal);
      else await this.#sleep(leftMs);
    }
    this.#isWatching = false;
  }

  async #sleep(ms: number): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#wake = new AbortController();
    await this.#clock.sleep(ms, this.#wake.signal).catch(() => undefined);
  }

  async #endOld(stream: RunningStream, signal: AbortSignal): Promise<void> {
    try {
      await this.#end(stream, signal);
    } catch (error) {
      if (this.#clock.nowMs() - stream.begunAtMs > slacksMs) this.remove(stream);
      else this.endSoon(stream, error);
    }
  }
}

function keyOf({ channel, ts }: StreamPlace): string {
  return `${channel}/${ts}`;
}
