import type { Downtime } from "../../domain/inbound.ts";
import type { ActiveConversation, Directory } from "../../ports/directory.ts";
import type { Accept } from "../../ports/accept.ts";
import { InboxError } from "../../ports/inbox.ts";
import { ArchiveError } from "../../ports/archive.ts";
import type { KnownPlace } from "../../ports/platform-history.ts";
import type { Platform } from "../../ports/platform.ts";
import type { Presence } from "../../ports/presence.ts";
import { StoreError } from "../../ports/store-error.ts";
import { withDeadline } from "../../async/deadline.ts";
import { MissedMessageReader, type MissedMessagesPorts } from "./missed-message-reader.ts";
import { PendingPlaces } from "./pending-places.ts";

const activeForMs = 7 * 86_400_000;
const markEveryMs = 5_000;
const maxHoldMs = 5_000;

interface CatchUpPorts extends MissedMessagesPorts {
  readonly directory: Pick<Directory, "active" | "locate">;
  readonly presence: Presence;
}

type FetchMissed = NonNullable<Platform["fetchMissed"]>;

/**
 * Reads the messages that people sent while no replica listened: at start, and after a gap of one platform. Runs in
 * the background, newest places first, one place per platform at a time.
 * Presence is marked only while nothing is unread. A process that dies while catching up is followed by one that
 * starts from the same point.
 */
export class CatchUp implements AsyncDisposable {
  readonly #ports: CatchUpPorts;
  readonly #messages: MissedMessageReader;
  readonly #closing = new AbortController();
  readonly #fetchers = new Map<string, FetchMissed>();
  /** The downtime that each platform still has to catch up with. New gaps are merged into it. */
  readonly #gaps = new Map<string, Downtime>();
  readonly #runs = new Map<string, Promise<void>>();
  readonly #pending = new Map<string, PendingPlaces>();
  #isStarted = false;
  #presence: Promise<void> = Promise.resolve();

  constructor(ports: CatchUpPorts) {
    this.#ports = ports;
    this.#messages = new MissedMessageReader(ports);
  }

  /**
   * Delays new messages of a place until its missed ones are read, so that people are answered in the order in which
   * they wrote. Waits 5 s at most. Only for platforms that need no acknowledgement. Applies from the beginning: the
   * missed places are unknown until the start.
   */
  holdUntilRead(platform: string, accept: Accept): Accept {
    const unread = this.#pendingOf(platform);
    unread.begin();
    return async (inbound, signal) => {
      if (inbound.kind === "said" && unread.isPending(inbound.place)) {
        await withDeadline(() => unread.whenRead(inbound.place), maxHoldMs, signal).catch(() => undefined);
      }
      return accept(inbound, signal);
    };
  }

  /** Returns at once. Skips platforms without `fetchMissed`, which redeliver by themselves. */
  start(platforms: Iterable<Pick<Platform, "name" | "fetchMissed">>): void {
    for (const { name, fetchMissed } of platforms)
      if (fetchMissed !== undefined) this.#fetchers.set(name, fetchMissed);
    this.#presence = this.#markPresence(this.#closing.signal);
  }

  /** Reports a gap in which a platform was not received. Gaps before the start wait for it. */
  readonly onGap = (platform: string, downtime: Downtime): void => {
    this.#addGap(platform, downtime);
    this.#pendingOf(platform).begin();
    this.#startRuns();
  };

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    for (const unread of this.#pending.values()) unread.end();
    await Promise.all([this.#presence, ...this.#runs.values()]);
  }

  #pendingOf(platform: string): PendingPlaces {
    const unread = this.#pending.get(platform) ?? new PendingPlaces();
    this.#pending.set(platform, unread);
    return unread;
  }

  #addGap(platform: string, downtime: Downtime): void {
    const waiting = this.#gaps.get(platform) ?? downtime;
    this.#gaps.set(platform, {
      fromMs: Math.min(waiting.fromMs, downtime.fromMs),
      toMs: Math.max(waiting.toMs, downtime.toMs),
    });
  }

  #startRuns(): void {
    if (!this.#isStarted) return;
    for (const platform of this.#gaps.keys()) {
      const fetchMissed = this.#fetchers.get(platform);
      if (fetchMissed === undefined) this.#gaps.delete(platform);
      else if (!this.#runs.has(platform)) this.#runs.set(platform, this.#run(platform, fetchMissed));
    }
  }

  async #run(platform: string, fetchMissed: FetchMissed): Promise<void> {
    const { signal } = this.#closing;
    const { log } = this.#ports;
    let downtime: Downtime | undefined;
    try {
      for (downtime = this.#takeGap(platform); downtime !== undefined; downtime = this.#takeGap(platform)) {
        await this.#catchUp(platform, fetchMissed, downtime, signal);
      }
    } catch (error) {
      if (!signal.aborted) log.error({ err: error, platform }, "catching up failed; it starts again");
      if (downtime !== undefined) this.#addGap(platform, downtime);
    } finally {
      this.#runs.delete(platform);
      this.#pending.get(platform)?.end();
    }
  }

  #takeGap(platform: string): Downtime | undefined {
    const downtime = this.#gaps.get(platform);
    this.#gaps.delete(platform);
    return downtime;
  }

  async #catchUp(
    platform: string,
    fetchMissed: FetchMissed,
    downtime: Downtime,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, directory, log } = this.#ports;
    const startedAtMs = clock.nowMs();
    const active = await this.#messages.retry(
      () => directory.active(platform, startedAtMs - activeForMs, signal),
      signal,
    );
    const places = byPlace(active, downtime.fromMs);
    const waiting = this.#pendingOf(platform);
    waiting.setPlaces(places.map(({ place }) => place));
    let [messages, unread] = [0, 0];
    for (const known of places) {
      signal.throwIfAborted();
      try {
        messages += await this.#messages.read(fetchMissed, known, downtime, signal);
      } catch (error) {
        if (signal.aborted || isStoreFault(error)) throw error;
        unread += 1;
        log.warn(
          { err: error, platform },
          "the missed messages of a place could not be read; check the bot's rights there",
        );
      } finally {
        waiting.markRead(known.place);
      }
    }
    const durationMs = clock.nowMs() - startedAtMs;
    log.info({ platform, places: places.length - unread, unread, messages, durationMs }, "caught up");
  }

  async #markPresence(signal: AbortSignal): Promise<void> {
    const { presence, clock, log } = this.#ports;
    let isReported = false;
    while (!signal.aborted) {
      try {
        if (!this.#isStarted) await this.#findDowntime(signal);
        this.#startRuns();
        if (this.#runs.size === 0) await presence.mark(clock.nowMs(), signal);
        isReported = false;
      } catch (error) {
        if (!isReported && !signal.aborted)
          log.warn(
            { err: error },
            "the presence can't be stored; after a restart, more messages are read again",
          );
        isReported = true;
      }
      await clock.sleep(markEveryMs, signal).catch(() => undefined);
    }
  }

  /** Must run before this process marks its presence, which overwrites the mark of the process before. */
  async #findDowntime(signal: AbortSignal): Promise<void> {
    const lastMs = await this.#ports.presence.last(signal);
    this.#isStarted = true;
    const nowMs = this.#ports.clock.nowMs();
    // The clock may have been set back.
    const downtime = { fromMs: Math.min(lastMs ?? nowMs, nowMs), toMs: nowMs };
    if (lastMs !== undefined) for (const platform of this.#fetchers.keys()) this.#addGap(platform, downtime);
    else for (const unread of this.#pending.values()) unread.end();
  }
}

/** Our own store is unreachable, which concerns every place alike. */
function isStoreFault(error: unknown): boolean {
  return error instanceof StoreError || error instanceof InboxError || error instanceof ArchiveError;
}

/** Newest first, like the conversations. */
function byPlace(active: readonly ActiveConversation[], fromMs: number): readonly KnownPlace[] {
  const places = Map.groupBy(active, ({ place }) => place);
  return [...places].map(([place, conversations]) => ({ place, conversations, missedFromMs: fromMs }));
}
