import { TimeLimit } from "../../../async/time-limit.ts";
import type { Message } from "../../../domain/message.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Log } from "../../../ports/log.ts";
import { PlatformError } from "../../../ports/platform-error.ts";
import type { NewConversation } from "../../../ports/platform-history.ts";
import type { HistoryMessage } from "../wire/payload-schemas.ts";
import { isSpoken } from "../inbound/authors.ts";
import { toMessage } from "../inbound/from-message.ts";
import {
  readPage,
  type HistoryAllowance,
  type HistoryPage,
  type HistoryQuery,
} from "../api/history-pages.ts";
import type { UserNames } from "../api/user-names.ts";
import type { SlackApi } from "../api/slack-api.ts";
import { partsOf, type SlackFacts } from "../wire/keys.ts";
import type { BotIdentity } from "../api/bot-identity.ts";

interface BackfillerPorts {
  readonly api: SlackApi;
  readonly allowance: HistoryAllowance;
  readonly names: UserNames;
  readonly clock: Clock;
  readonly log: Log;
  readonly self: BotIdentity & Pick<SlackFacts, "isOurs" | "currentId">;
}

/** Five seconds together with the names: a person is waiting for the answer. */
const readTimeoutMs = 3_500;
const namesWaitMs = 1_500;
/** Slack returns a thread oldest first, so the newest messages are on the last page. */
const maxPages = { internal: 10, limited: 1 } as const;
/** Slack allows 100 calls of users.info a minute. */
const maxNames = 50;

/** Reads the messages of a thread from before the bot was called into it. */
export class Backfiller {
  readonly #ports: BackfillerPorts;

  constructor(ports: BackfillerPorts) {
    this.#ports = ports;
  }

  /**
   * The newest `limit` messages before the call, oldest first. Of a thread that is too long to read, those at its
   * beginning: they say what it is about. @throws {PlatformError} when nothing can be read in time.
   */
  readonly read = async (
    begun: NewConversation,
    limit: number,
    signal: AbortSignal,
  ): Promise<readonly Message[]> => {
    const { self } = this.#ports;
    const { threadTs } = partsOf(begun.conversation);
    const { before = "Infinity" } = begun;
    if (threadTs === undefined || threadTs === before) return [];
    const messages = await this.#readThread({ ...begun, threadTs }, signal);
    const said = messages.filter((message) => Number(message.ts) < Number(before) && isSpoken(message, self));
    return this.#toMessages(begun, said.slice(-limit), signal);
  };

  /** Oldest first, as Slack returns it. */
  async #readThread(
    { conversation, threadTs, before }: NewConversation & { readonly threadTs: string },
    signal: AbortSignal,
  ): Promise<readonly HistoryMessage[]> {
    const { clock, allowance, log } = this.#ports;
    const { channel } = partsOf(conversation);
    const untilMs = clock.nowMs() + readTimeoutMs;
    const query = { channel, ts: threadTs, ...(before === undefined ? {} : { latest: before }) };
    const messages = [];
    let cursor: string | undefined;
    for (let page = 0; page < maxPages[allowance]; page += 1) {
      try {
        const paged = cursor === undefined ? query : { ...query, cursor };
        const { messages: some, next } = await this.#page(paged, untilMs, signal);
        messages.push(...some);
        cursor = next;
      } catch (error) {
        if (!(error instanceof PlatformError) || messages.length === 0) throw error;
        break;
      }
      if (cursor === undefined) break;
    }
    if (cursor !== undefined)
      log.info({ messages: messages.length }, "a thread is too long to read completely");
    return messages;
  }

  async #page(query: HistoryQuery, untilMs: number, signal: AbortSignal): Promise<HistoryPage> {
    const { clock, allowance } = this.#ports;
    for (;;) {
      const leftMs = untilMs - clock.nowMs();
      try {
        return await withTimeout(leftMs, signal, (limited) =>
          readPage(this.#ports, "conversations.replies", query, limited),
        );
      } catch (error) {
        const mayRepeat = error instanceof PlatformError && error.kind === "rate-limited";
        if (!mayRepeat || allowance === "limited" || clock.nowMs() + error.retryAfterMs > untilMs)
          throw error;
        await clock.sleep(error.retryAfterMs, signal);
      }
    }
  }

  async #toMessages(
    { conversation }: NewConversation,
    said: readonly HistoryMessage[],
    signal: AbortSignal,
  ): Promise<readonly Message[]> {
    const { names, self, clock } = this.#ports;
    const { team, channel } = partsOf(conversation);
    const unnamed = new Set<string>();
    const nameOf = (userId: string): string | undefined => {
      if (names.isStale(userId)) unnamed.add(userId);
      return names.of(userId);
    };
    const facts = { ...self, nameOf, nowMs: clock.nowMs() };
    const read = (): readonly Message[] =>
      said
        .map((message) => toMessage(team, { ...message, type: "message", channel }, facts))
        .filter(({ text, attachments }) => text !== "" || attachments.length > 0);
    const messages = read();
    if (unnamed.size === 0) return messages;
    await names.load([...unnamed].slice(-maxNames), namesWaitMs);
    signal.throwIfAborted();
    return read();
  }
}

/** A timeout is a PlatformError; the caller's own signal rejects with its reason. */
async function withTimeout<T>(
  ms: number,
  signal: AbortSignal,
  work: (limited: AbortSignal) => Promise<T>,
): Promise<T> {
  try {
    using limit = new TimeLimit(Math.max(0, ms), signal);
    return await work(limit.signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof PlatformError) throw error;
    throw new PlatformError("unreachable", "Slack took too long", { cause: error });
  }
}
