import { JoinedSignal } from "../../async/joined-signal.ts";
import type { Step } from "../../domain/post.ts";
import { StaleLeaseError } from "../../ports/journal.ts";
import { PlatformError } from "../../ports/platform-error.ts";
import { retryDelayOf } from "../async/retry.ts";
import { nextWrite, type Growing } from "./next-write.ts";
import type { PostPorts, ReplyPosts } from "./reply-posts.ts";

/** One for all, because an abort without a reason makes an exception. */
const hurried = new Error("The reply is written without the platform's pace");

/** The pause after a write that failed. */
const afterFailureMs = 1_000;

/**
 * Shows what there is of a reply, at the platform's pace: one write at a time, with the newest text. Growth is optional:
 * what can't be shown now stands in the complete reply.
 */
export class ReplyGrowth {
  /** So far. */
  text = "";
  readonly #ports: PostPorts;
  readonly #posts: ReplyPosts;
  readonly #opened: () => Promise<void>;
  /** Since the last words. */
  #steps: readonly Step[] = [];
  /** The model is loading, and there is no text yet. */
  #isLoading = false;
  #pump: Promise<void> | undefined;
  /** Of the pump. Aborts when the reply must be written without the platform's pace. */
  #hurry: JoinedSignal | undefined;
  #fault: StaleLeaseError | undefined;
  /** The platform refused the growth for good. It is not tried again with each piece. */
  #isHopeless = false;

  /** `opened`: see ReplyWriter. Nothing is shown before. */
  constructor(ports: PostPorts, posts: ReplyPosts, opened: () => Promise<void>) {
    this.#ports = ports;
    this.#posts = posts;
    this.#opened = opened;
  }

  /** Never throws. */
  grow(text: string, signal: AbortSignal): void {
    if (text !== this.text) this.#steps = [];
    this.text = text;
    this.showMore(signal);
  }

  /** Where the platform shows steps. Never throws. */
  showStep(step: Step, signal: AbortSignal): void {
    if (this.#ports.platform.limits.showsSteps !== true) return;
    this.#steps = [...this.#steps, step];
    this.showMore(signal);
  }

  /** Never throws. */
  showLoading(signal: AbortSignal): void {
    this.#isLoading = true;
    this.showMore(signal);
  }

  /** Goes on with what there is. Never throws. */
  showMore(signal: AbortSignal): void {
    if (this.#isHopeless) return;
    this.#pump ??= this.#show(signal).finally(() => {
      this.#pump = undefined;
    });
  }

  /** Waits for the running write. Never rejects. */
  async end(): Promise<void> {
    await this.#opened().catch(() => undefined);
    if (this.#pump === undefined) return;
    this.#hurry?.abort(hurried);
    await this.#pump;
  }

  /** @throws {StaleLeaseError} if a write found that another process claimed the conversation. */
  throwIfLost(): void {
    if (this.#fault !== undefined) throw this.#fault;
  }

  async #show(signal: AbortSignal): Promise<void> {
    using hurry = new JoinedSignal(signal);
    this.#hurry = hurry;
    const { signal: stop } = hurry;
    try {
      await this.#opened();
      for (let growing = this.#next(); growing !== undefined; growing = this.#next()) {
        stop.throwIfAborted();
        const failure = await this.#writeNext(growing, stop, signal).catch((error: unknown) => ({ error }));
        if (failure === undefined) continue;
        await this.#ports.clock.sleep(Math.max(afterFailureMs, retryDelayOf(failure.error)), stop);
      }
    } catch (error) {
      if (error instanceof StaleLeaseError) this.#fault = error;
      this.#isHopeless = error instanceof PlatformError;
    }
  }

  /** Waits until the platform lets the reply grow, then shows what it has become in the meantime. */
  async #writeNext({ part, kind }: Growing, stop: AbortSignal, signal: AbortSignal): Promise<void> {
    await this.#posts.whenWritable(part, kind, stop);
    const newest = this.#next();
    if (newest !== undefined) await this.#posts.write(newest.part, newest.content, signal);
  }

  #next(): Growing | undefined {
    return nextWrite(this.#posts.shown, {
      text: this.text,
      steps: this.#steps,
      isLoading: this.#isLoading,
      limits: this.#posts.limits,
    });
  }
}
