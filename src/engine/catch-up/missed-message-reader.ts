import type { ConversationKey } from "../../domain/conversation.ts";
import type { Downtime, Said } from "../../domain/inbound.ts";
import type { Accept } from "../../ports/accept.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Directory } from "../../ports/directory.ts";
import type { Inbox } from "../../ports/inbox.ts";
import { ArchiveError } from "../../ports/archive.ts";
import type { Log } from "../../ports/log.ts";
import { PlatformError } from "../../ports/platform-error.ts";
import type { KnownPlace } from "../../ports/platform-history.ts";
import type { Platform } from "../../ports/platform.ts";
import type { TurnScheduler } from "../../ports/turn-scheduler.ts";
import { retryDelayMs } from "../../async/retry-delay.ts";

const maxTries = 4;
const maxWaitMs = 60_000;
/** How long the sweeper leaves a conversation alone while its missed messages are stored one by one. */
const holdBackMs = 5_000;
/** Our clock and the platform's may differ by this much. */
const clockSkewMs = 60_000;
/** A little less than dedupe marks are kept (24 h). */
const dedupeKeptMs = 23 * 3_600_000;

export interface MissedMessagesPorts {
  /** Stores an inbound without scheduling its conversation. */
  readonly store: Accept;
  readonly inbox: Pick<Inbox, "postpone">;
  readonly directory: Pick<Directory, "locate">;
  readonly scheduler: TurnScheduler;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Reads the missed messages of one place after another and schedules their conversations, so that one turn covers a
 * batch.
 */
export class MissedMessageReader {
  readonly #ports: MissedMessagesPorts;

  constructor(ports: MissedMessagesPorts) {
    this.#ports = ports;
  }

  /** The number of messages that were new. @throws the last error, after a few tries. */
  async read(
    fetchMissed: NonNullable<Platform["fetchMissed"]>,
    known: KnownPlace,
    downtime: Downtime,
    signal: AbortSignal,
  ): Promise<number> {
    // Retried as a whole: storing a message twice has no effect.
    return this.retry(async () => {
      const said = await fetchMissed(known, signal);
      const isKnown = new Set(known.conversations.map(({ conversation }) => conversation));
      let count = 0;
      for (const [conversation, messages] of byConversation(said)) {
        if (isKnown.has(conversation)) await this.#holdBack(conversation, signal);
        count += await this.#store(conversation, withDowntime(messages, downtime), signal);
      }
      return count;
    }, signal);
  }

  /** Retries idempotent work. @throws the last error; at once if a retry can't help. */
  async retry<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await work();
      } catch (error) {
        if (signal.aborted || isPermanent(error) || tries === maxTries) throw error;
        const askedForMs = error instanceof PlatformError ? error.retryAfterMs : 0;
        const waitMs = retryDelayMs(tries, { firstMs: 1_000, longestMs: maxWaitMs, askedForMs });
        await this.#ports.clock.sleep(waitMs, signal);
      }
    }
  }

  async #store(
    conversation: ConversationKey,
    messages: readonly Said[],
    signal: AbortSignal,
  ): Promise<number> {
    let count = 0;
    for (const said of messages) {
      if (await this.#wasStored(said, signal)) continue;
      if ((await this.#ports.store(said, signal)) !== "stored") continue;
      count += 1;
      // A conversation that began during the downtime exists only now.
      await this.#holdBack(conversation, signal);
    }
    if (count > 0) await this.#schedule(conversation, signal);
    return count;
  }

  /**
   * After more than a day, the location of a message shows that it was stored, not its dedupe mark. If the archive is
   * unreachable and the downtime was shorter, the marks suffice; earlier messages were received then.
   */
  async #wasStored({ platform, place, message, missed }: Said, signal: AbortSignal): Promise<boolean> {
    const { directory, clock } = this.#ports;
    try {
      return (await directory.locate(platform, place, message.id, signal)) !== undefined;
    } catch (error) {
      const fromMs = (missed?.fromMs ?? 0) - clockSkewMs;
      if (!(error instanceof ArchiveError) || clock.nowMs() - fromMs > dedupeKeptMs) throw error;
      return message.saidAtMs < fromMs;
    }
  }

  async #holdBack(conversation: ConversationKey, signal: AbortSignal): Promise<void> {
    const { inbox, clock } = this.#ports;
    await inbox.postpone(conversation, clock.nowMs() + holdBackMs, signal);
  }

  async #schedule(conversation: ConversationKey, signal: AbortSignal): Promise<void> {
    try {
      await this.#ports.scheduler.schedule(conversation, signal);
    } catch (error) {
      // It is stored; the sweeper schedules it.
      if (!signal.aborted)
        this.#ports.log.warn({ err: error }, "a conversation could not be scheduled; the sweeper retries");
    }
  }
}

function withDowntime(messages: readonly Said[], missed: Downtime): readonly Said[] {
  return messages.map((said): Said => Object.assign({}, said, { missed }));
}

function byConversation(said: readonly Said[]): ReadonlyMap<ConversationKey, readonly Said[]> {
  return Map.groupBy(said, ({ conversation }) => conversation);
}

function isPermanent(error: unknown): boolean {
  return error instanceof PlatformError && !error.isPassing;
}
