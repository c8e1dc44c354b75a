import type { Downtime } from "../../domain/inbound.ts";
import type { ActiveConversation, Directory } from "../../ports/directory.ts";
import type { Accept } from "../../ports/accept.ts";
import { InboxError } from "../../ports/inbox.ts";
import { ArchiveError } from "../../ports/archive.ts";
import type { KnownPlace, Platform } from "../../ports/platform.ts";
import type { Presence } from "../../ports/presence.ts";
import { StoreError } from "../../ports/store-error.ts";
import { withDeadline } from "../../runtime/deadline.ts";
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
 * Reads later what was said while nobody of us listened: at start, and after a gap of one platform. It works in the
 * background, newest places first, one place of a platform at a time.
 * The presence is marked while nothing is known to be unread: whoever dies while catching up begins again where it began.
 */
export class CatchUp implements AsyncDisposable {
  readonly #ports: CatchUpPorts;
  readonly #messages: MissedMessageReader;
  readonly #closing = new AbortController();
  readonly #readings = new Map<string, FetchMissed>();
  /** What each platform has yet to catch up with; gaps that come meanwhile are joined. */
  readonly #unheard = new Map<string, Downtime>();
  readonly #runs = new Map<string, Promise<void>>();
  readonly #unread = new Map<string, PendingPlaces>();
  #isStarted = false;
  #presence: Promise<void> = Promise.resolve();

  constructor(ports: CatchUpPorts) {
    this.#ports = ports;
    this.#messages = new MissedMessageReader(ports);
  }

  /**
   * Lets what is said now wait while what was missed in the same place is being read, so that people are answered in
   * the order in which they spoke; not for long. For platforms that need no acknowledgement. From the first moment on:
   * until the start it is not known what was missed.
   */
  holdUntilRead(platform: string, accept: Accept): Accept {
    const unread = this.#unreadOf(platform);
    unread.begin();
    return async (inbound, signal) => {
      if (inbound.kind === "said" && unread.isPending(inbound.place)) {
        await withDeadline(() => unread.whenRead(inbound.place), maxHoldMs, signal).catch(() => undefined);
      }
      return accept(inbound, signal);
    };
  }

  /** Returns at once. Platforms that deliver later what nobody took are left alone. */
  start(platforms: Iterable<Pick<Platform, "name" | "fetchMissed">>): void {
    for (const { name, fetchMissed } of platforms)
      if (fetchMissed !== undefined) this.#readings.set(name, fetchMissed);
    this.#presence = this.#stayPresent(this.#closing.signal);
  }

  /** A platform was not heard for a while. What comes before the start waits for it. */
  readonly onGap = (platform: string, downtime: Downtime): void => {
    this.#join(platform, downtime);
    this.#unreadOf(platform).begin();
    this.#serve();
  };

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    for (const unread of this.#unread.values()) unread.end();
    await Promise.all([this.#presence, ...this.#runs.values()]);
  }

  #unreadOf(platform: string): PendingPlaces {
    const unread = this.#unread.get(platform) ?? new PendingPlaces();
    this.#unread.set(platform, unread);
    return unread;
  }

  #join(platform: string, downtime: Downtime): void {
    const waiting = this.#unheard.get(platform) ?? downtime;
    this.#unheard.set(platform, {
      fromMs: Math.min(waiting.fromMs, downtime.fromMs),
      toMs: Math.max(waiting.toMs, downtime.toMs),
    });
  }

  #serve(): void {
    if (!this.#isStarted) return;
    for (const platform of this.#unheard.keys()) {
      const reading = this.#readings.get(platform);
      if (reading === undefined) this.#unheard.delete(platform);
      else if (!this.#runs.has(platform)) this.#runs.set(platform, this.#run(platform, reading));
    }
  }

  async #run(platform: string, reading: FetchMissed): Promise<void> {
    const { signal } = this.#closing;
    const { log } = this.#ports;
    let downtime: Downtime | undefined;
    try {
      for (downtime = this.#take(platform); downtime !== undefined; downtime = this.#take(platform)) {
        await this.#catchUp(platform, reading, downtime, signal);
      }
    } catch (error) {
      if (!signal.aborted) log.error({ err: error, platform }, "catching up has to begin again");
      if (downtime !== undefined) this.#join(platform, downtime);
    } finally {
      this.#runs.delete(platform);
      this.#unread.get(platform)?.end();
    }
  }

  #take(platform: string): Downtime | undefined {
    const downtime = this.#unheard.get(platform);
    this.#unheard.delete(platform);
    return downtime;
  }

  async #catchUp(
    platform: string,
    reading: FetchMissed,
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
    const waiting = this.#unreadOf(platform);
    waiting.setPlaces(places.map(({ place }) => place));
    let [messages, unread] = [0, 0];
    for (const known of places) {
      signal.throwIfAborted();
      try {
        messages += await this.#messages.read(reading, known, downtime, signal);
      } catch (error) {
        if (signal.aborted || isStoreFault(error)) throw error;
        unread += 1;
        log.warn({ err: error, platform }, "what was missed in a place could not be read");
      } finally {
        waiting.markRead(known.place);
      }
    }
    const durationMs = clock.nowMs() - startedAtMs;
    log.info({ platform, places: places.length - unread, unread, messages, durationMs }, "caught up");
  }

  async #stayPresent(signal: AbortSignal): Promise<void> {
    const { presence, clock, log } = this.#ports;
    let isReported = false;
    while (!signal.aborted) {
      try {
        if (!this.#isStarted) await this.#findDowntime(signal);
        this.#serve();
        if (this.#runs.size === 0) await presence.mark(clock.nowMs(), signal);
        isReported = false;
      } catch (error) {
        if (!isReported && !signal.aborted) log.warn({ err: error }, "the presence can't be marked");
        isReported = true;
      }
      await clock.sleep(markEveryMs, signal).catch(() => undefined);
    }
  }

  /** Before the first mark of this process, which writes over the last one of its forerunner. */
  async #findDowntime(signal: AbortSignal): Promise<void> {
    const lastMs = await this.#ports.presence.last(signal);
    this.#isStarted = true;
    const nowMs = this.#ports.clock.nowMs();
    // A clock may have been put back.
    const downtime = { fromMs: Math.min(lastMs ?? nowMs, nowMs), toMs: nowMs };
    if (lastMs !== undefined) for (const platform of this.#readings.keys()) this.#join(platform, downtime);
    else for (const unread of this.#unread.values()) unread.end();
  }
}

/** A store of our own is away, for every place alike. */
function isStoreFault(error: unknown): boolean {
  return error instanceof StoreError || error instanceof InboxError || error instanceof ArchiveError;
}

/** Newest first, as the conversations are. */
function byPlace(active: readonly ActiveConversation[], unheardFromMs: number): readonly KnownPlace[] {
  const places = Map.groupBy(active, ({ place }) => place);
  return [...places].map(([place, conversations]) => ({ place, conversations, unheardFromMs }));
}
