import type { ReplyAddress } from "../../../domain/reply-address.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Log } from "../../../ports/log.ts";
import { PlatformError } from "../../../ports/platform-error.ts";
import type { Rest } from "../../../ports/platform.ts";
import type { RateLimit, RateLimits } from "../../../ports/rate-limits.ts";
import { KeyedQueue } from "../../../async/keyed-queue.ts";
import { expiringCache } from "../../../runtime/expiring-cache.ts";
import type { SessionMethods, SessionStatus, SessionThread } from "./session-methods.ts";

/** Tier 3, a limit of its own. Half is for ends. https://docs.slack.dev/apis/web-api/rate-limits */
const calls = { calls: 48, windowMs: 60_000, forGrowth: 17 } as const;
/** By then Slack has cleared a status by itself. */
const clearedAfterMs = { sessions: 3_600_000, assistant: 2 * 60_000, none: 0 } as const;
/** A status that was set so recently is not set again. */
const fresh: Readonly<Record<SessionStatus, number>> = {
  processing: 60_000,
  suspended: 10 * 60_000,
  active: 0,
};
const maxThreads = 10_000;
const maxTries = 5;
const retryMs = 2_000;

/** What a call tells Slack besides: a status, or the one that this process knows by then. */
export type ToldStatus = SessionStatus | "known";

/** The last status that this process has set in a thread. */
interface Known {
  readonly status: SessionStatus;
  readonly atMs: number;
  /** Names its reserved end: see RateLimits. */
  readonly answer: string;
}

interface WorkingStatusPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly rateLimits: RateLimits;
  readonly self: { readonly teamId: string };
  readonly methods: SessionMethods;
}

/**
 * Shows in DMs that the bot is working: "processing" in Slack's session of the thread, which also has Slack's own Stop.
 * Slack keeps that for an hour, so each way out of a turn ends it. Not in channels: there the first post says so to all,
 * with a Stop button, and two calls for each answer of a busy workspace would exceed the method's limit.
 */
export class WorkingStatus implements Disposable {
  readonly #ports: WorkingStatusPorts;
  readonly #methods: SessionMethods;
  readonly #limit: RateLimit;
  readonly #known;
  /** Slack shows the last status that arrives. */
  readonly #queue = new KeyedQueue();
  readonly #closing = new AbortController();
  #count = 0;

  constructor(ports: WorkingStatusPorts) {
    this.#ports = ports;
    this.#methods = ports.methods;
    this.#limit = { name: `slack:${ports.self.teamId}:agents.sessions.setStatus`, ...calls };
    this.#known = expiringCache<Known>({
      clock: ports.clock,
      ttlMs: clearedAfterMs.sessions,
      max: maxThreads,
    });
  }

  readonly show = async (to: ReplyAddress, signal: AbortSignal): Promise<void> => {
    const thread = sessionThreadOf(to);
    if (thread === undefined) return;
    const key = keyOf(thread);
    await this.#queue.run(key, async () => {
      if (this.#isFresh(key, "processing") || this.#methods.apiIn(thread.team) === "none") return;
      this.#count += 1;
      const answer = `${key} ${this.#count}`;
      const growth = { answer, isFirst: true };
      // The end of an answer matters more: without a call to spare, nothing is shown.
      if ((await this.#ports.rateLimits.reserveForGrowth(this.#limit, growth, signal)) > 0) return;
      // Also if the call fails: it may have arrived.
      this.#note(key, "processing", answer);
      await this.#set(thread, "processing", signal);
    });
  };

  /** Tries again in the background. Never rejects. */
  readonly rest = async (to: ReplyAddress, rest: Rest, signal: AbortSignal): Promise<void> => {
    const thread = sessionThreadOf(to);
    if (thread === undefined) return;
    const status = rest.isAsking ? "suspended" : "active";
    const key = keyOf(thread);
    const failed = await this.#queue.run(key, async () => {
      if (!this.#isToEnd(thread, status, rest)) return undefined;
      const answer = this.#known.get(key)?.answer ?? key;
      this.#note(key, status, answer);
      return this.#end(thread, status, signal);
    });
    if (failed !== undefined) void this.#tryAgain(thread, status, failed);
  };

  /** What Slack shows, as far as this process knows. */
  in(thread: SessionThread): SessionStatus {
    return this.#known.get(keyOf(thread))?.status ?? "active";
  }

  /** A stream has begun, which makes Slack show that the bot works. */
  streamed(thread: SessionThread): void {
    const key = keyOf(thread);
    this.#note(key, "processing", this.#known.get(key)?.answer ?? key);
  }

  /**
   * Runs a call that tells Slack a status too, after all that were begun before in the thread, so that `rest` need not call
   * again. `call` gets the status, or undefined where the workspace has no sessions. @throws as `call`
   */
  async tellWith(
    thread: SessionThread,
    told: ToldStatus,
    call: (status: SessionStatus | undefined) => Promise<unknown>,
  ): Promise<void> {
    const key = keyOf(thread);
    await this.#queue.run(key, async () => {
      if (this.#methods.apiIn(thread.team) !== "sessions") return call(undefined);
      const status = told === "known" ? this.in(thread) : told;
      await call(status);
      const answer = this.#known.get(key)?.answer ?? key;
      this.#note(key, status, answer);
      if (status === "processing") return undefined;
      const { signal } = this.#closing;
      const ends = { closes: answer };
      return this.#ports.rateLimits
        .reserve(this.#limit, `${answer} ${status}`, signal, ends)
        .catch(() => undefined);
    });
  }

  [Symbol.dispose](): void {
    this.#closing.abort();
  }

  #isToEnd(thread: SessionThread, status: SessionStatus, { mayBeLeft }: Rest): boolean {
    const key = keyOf(thread);
    const api = this.#methods.apiIn(thread.team);
    if (api === "none" || this.#isFresh(key, status)) return false;
    if (mayBeLeft) return true;
    const known = this.#known.get(key);
    if (known === undefined || known.status === "active") return false;
    return this.#ports.clock.nowMs() - known.atMs < clearedAfterMs[api];
  }

  #isFresh(key: string, status: SessionStatus): boolean {
    const known = this.#known.get(key);
    return known?.status === status && this.#ports.clock.nowMs() - known.atMs < fresh[status];
  }

  #note(key: string, status: SessionStatus, answer: string): void {
    this.#known.set(key, { status, atMs: this.#ports.clock.nowMs(), answer });
  }

  /** Resolves to the failure if it may pass. */
  async #end(
    thread: SessionThread,
    status: SessionStatus,
    signal: AbortSignal,
  ): Promise<PlatformError | undefined> {
    try {
      const answer = this.#known.get(keyOf(thread))?.answer ?? keyOf(thread);
      const { rateLimits } = this.#ports;
      const waitMs = await rateLimits
        .reserve(this.#limit, `${answer} ${status}`, signal, { closes: answer })
        .catch(() => 0);
      if (waitMs > 0)
        return new PlatformError("rate-limited", "no call is left for a status", { retryAfterMs: waitMs });
      await this.#set(thread, status, signal);
      return undefined;
    } catch (error) {
      return error instanceof PlatformError && error.isPassing ? error : undefined;
    }
  }

  async #tryAgain(thread: SessionThread, status: SessionStatus, first: PlatformError): Promise<void> {
    const key = keyOf(thread);
    const since = this.#known.get(key);
    const { signal } = this.#closing;
    let failed: PlatformError | undefined = first;
    try {
      for (let tries = 1; tries < maxTries && failed !== undefined; tries += 1) {
        await this.#ports.clock.sleep(Math.max(retryMs * tries, failed.retryAfterMs), signal);
        failed = await this.#queue.run(key, async () =>
          this.#known.get(key) === since ? this.#end(thread, status, signal) : undefined,
        );
      }
      if (failed !== undefined)
        this.#ports.log.warn({ err: failed }, "a status in a DM could not be ended; Slack clears it itself");
    } catch {
      // Shutdown. Slack clears the status after an hour.
    }
  }

  async #set(thread: SessionThread, status: SessionStatus, signal: AbortSignal): Promise<void> {
    try {
      await this.#methods.setStatus(thread, status, signal);
    } catch (error) {
      if (error instanceof PlatformError && error.kind === "rate-limited")
        await this.#ports.rateLimits.pause(this.#limit, error.retryAfterMs, signal).catch(() => undefined);
      throw error;
    }
  }
}

/** Whether the bot's work is shown at an address: in threads of DMs alone. */
export function showsWork({ target: { channel, threadTs } }: ReplyAddress): boolean {
  return channel?.startsWith("D") === true && threadTs !== undefined;
}

/** Undefined: no thread of a DM, or an address that names no place because the id of an old post does. */
export function sessionThreadOf({ target }: ReplyAddress): SessionThread | undefined {
  const { team, channel, threadTs } = target;
  if (team === undefined || threadTs === undefined) return undefined;
  return channel?.startsWith("D") === true ? { team, channel, threadTs } : undefined;
}

function keyOf({ channel, threadTs }: SessionThread): string {
  return `${channel} ${threadTs}`;
}
