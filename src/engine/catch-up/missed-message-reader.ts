import type { ConversationKey } from "../../domain/conversation.ts";
import type { Downtime, Said } from "../../domain/inbound.ts";
import type { Accept } from "../../ports/accept.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Directory } from "../../ports/directory.ts";
import type { Inbox } from "../../ports/inbox.ts";
import { ArchiveError } from "../../ports/archive.ts";
import type { Log } from "../../ports/log.ts";
import { PlatformError, type KnownPlace, type Platform } from "../../ports/platform.ts";
import type { TurnScheduler } from "../../ports/turn-scheduler.ts";

const maxTries = 4;
const maxWaitMs = 60_000;
/** The sweeper stays away from a conversation for so long, while its messages come in one by one. */
const holdBackMs = 5_000;
/** Our clock and the platform's may differ. */
const clockSkewMs = 60_000;
/** A little less than marks are kept for. */
const dedupeKeptMs = 23 * 3_600_000;

export interface MissedMessagesPorts {
  /** Stores without waking. */
  readonly store: Accept;
  readonly inbox: Pick<Inbox, "postpone">;
  readonly directory: Pick<Directory, "locate">;
  readonly scheduler: TurnScheduler;
  readonly clock: Clock;
  readonly log: Log;
}

/** Reads what was missed in one place after another, and gets it worked on: one turn for what came together. */
export class MissedMessageReader {
  readonly #ports: MissedMessagesPorts;

  constructor(ports: MissedMessagesPorts) {
    this.#ports = ports;
  }

  /** Gives how many messages were new. @throws the last error, after a few tries. */
  async read(
    fetchMissed: NonNullable<Platform["fetchMissed"]>,
    known: KnownPlace,
    downtime: Downtime,
    signal: AbortSignal,
  ): Promise<number> {
    // As a whole: to store something twice changes nothing.
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

  /** Does something that is safe to repeat. @throws the last error, at once when trying again can't help. */
  async retry<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await work();
      } catch (error) {
        if (signal.aborted || isFinal(error) || tries === maxTries) throw error;
        const askedForMs = error instanceof PlatformError ? error.retryAfterMs : 0;
        const growingMs = 500 * 2 ** tries;
        const waitMs = Math.max(askedForMs, Math.min(maxWaitMs, growingMs)) * (1 + Math.random() / 2);
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
      // A conversation that began while nobody listened exists only now.
      await this.#holdBack(conversation, signal);
    }
    if (count > 0) await this.#schedule(conversation, signal);
    return count;
  }

  /**
   * What is read again after more than a day is not known by its mark any more, but by where it is. While the archive is
   * away, marks tell of what was said in an absence of less than a day, and what was said before was heard then.
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
      // It is stored, and the sweeper finds it.
      if (!signal.aborted) this.#ports.log.warn({ err: error }, "could not wake a conversation");
    }
  }
}

function withDowntime(messages: readonly Said[], missed: Downtime): readonly Said[] {
  return messages.map((said): Said => Object.assign({}, said, { missed }));
}

function byConversation(said: readonly Said[]): ReadonlyMap<ConversationKey, readonly Said[]> {
  return Map.groupBy(said, ({ conversation }) => conversation);
}

function isFinal(error: unknown): boolean {
  return error instanceof PlatformError && !error.isPassing;
}
