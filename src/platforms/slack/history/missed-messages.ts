import type { Said } from "../../../domain/inbound.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Directory } from "../../../ports/directory.ts";
import type { Log } from "../../../ports/log.ts";
import { PlatformError } from "../../../ports/platform-error.ts";
import type { KnownPlace } from "../../../ports/platform-history.ts";
import type { HistoryMessage } from "../wire/payload-schemas.ts";
import type { ChannelIds } from "../api/channel-ids.ts";
import { dedupeByChannelId } from "../inbound/renamed-channel-threads.ts";
import { fromMessage } from "../inbound/from-message.ts";
import type { HistoryAllowance, HistoryMethod, HistoryQuery } from "../api/history-pages.ts";
import type { UserNames } from "../api/user-names.ts";
import type { RateLimitedHistory } from "./rate-limited-history.ts";
import type { OpensConversation } from "../../../ports/accept.ts";
import { keyOf, type SlackFacts } from "../wire/keys.ts";

interface MissedMessagesPorts {
  readonly history: RateLimitedHistory;
  readonly allowance: HistoryAllowance;
  readonly names: UserNames;
  readonly clock: Clock;
  readonly log: Log;
  readonly opensConversation: OpensConversation;
  readonly directory: Pick<Directory, "locate">;
  readonly channelIds: Pick<ChannelIds, "firstId" | "currentId">;
  readonly self: Omit<SlackFacts, "nameOf" | "nowMs">;
}

/** Per place. With the limited allowance each thread takes a minute. */
const maxThreads = { internal: 400, limited: 15 } as const;
/** Tolerated difference between our clock and Slack's. Reading a message twice is harmless. */
const clockSkewMs = 60_000;
const namesPerBatch = 20;
const namesWaitMs = 5_000;

interface Place {
  readonly team: string;
  readonly channel: string;
}

/** A thread, and its last message that we know. */
interface Unread {
  readonly threadTs: string;
  readonly oldest: string;
}

/** Reads the messages that were posted while no replica was connected. */
export class MissedMessages {
  readonly #ports: MissedMessagesPorts;

  constructor(ports: MissedMessagesPorts) {
    this.#ports = ports;
  }

  /**
   * The missed messages of one place, oldest first: those of known conversations, and of new threads since the bot was
   * called in them. Replies in an older thread that the bot was not part of can't be found.
   * @throws {PlatformError} when Slack can't be reached or keeps answering with rate limits.
   */
  readonly fetchMissed = async (known: KnownPlace, signal: AbortSignal): Promise<readonly Said[]> => {
    const [team = "", channel = ""] = known.place.split(":", 2);
    const place = { team, channel };
    const newest = known.conversations
      .flatMap(({ lastMessage = "" }) => (isTs(lastMessage) ? [lastMessage] : []))
      .toSorted(byTs)
      .at(-1);
    if (newest === undefined) return [];
    const oldest = startOf(newest, known);
    const top = await this.#read("conversations.history", { channel, oldest }, signal);
    if (top === undefined) return [];
    const replies = await this.#readThreads(place, this.#unread(place, known, newest, top), signal);
    const said = await this.#toSaid(place, [...top, ...replies], signal);
    const ours = this.#ofConversations(said, known);
    return dedupeByChannelId(ours, this.#ports, signal);
  };

  /** The messages of known conversations, and of others from the message on that opens them. */
  #ofConversations(said: readonly Said[], { conversations }: KnownPlace): readonly Said[] {
    const known = new Set(conversations.map(({ conversation }) => conversation));
    return said.filter((each) => {
      if (this.#ports.opensConversation(each)) known.add(each.conversation);
      return known.has(each.conversation);
    });
  }

  /** Most important first: new threads that call the bot, known conversations, other new threads. */
  #unread(
    { team, channel }: Place,
    place: KnownPlace,
    newest: string,
    top: readonly HistoryMessage[],
  ): readonly Unread[] {
    const { botUserId } = this.#ports.self;
    const known = place.conversations.flatMap(({ conversation, lastMessage = newest }) => {
      const threadTs = conversation.slice(keyOf(team, channel, "").length);
      return isTs(threadTs) && isTs(lastMessage) ? [{ threadTs, oldest: startOf(lastMessage, place) }] : [];
    });
    const isKnown = new Set(known.map(({ threadTs }) => threadTs));
    const newThreads = top.filter(({ ts, reply_count: replies }) => !isKnown.has(ts) && (replies ?? 0) > 0);
    const callsBot = ({ text }: HistoryMessage): boolean =>
      channel.startsWith("D") || text?.includes(`<@${botUserId}`) === true;
    const calling = newThreads.filter(callsBot);
    const others = newThreads.filter((root) => !callsBot(root));
    return [...calling.map(asUnread), ...known, ...others.map(asUnread)];
  }

  async #readThreads(
    { channel }: Place,
    threads: readonly Unread[],
    signal: AbortSignal,
  ): Promise<readonly HistoryMessage[]> {
    const replies = [];
    for (const { threadTs, oldest } of threads.slice(0, maxThreads[this.#ports.allowance])) {
      const query = { channel, ts: threadTs, oldest };
      const messages = (await this.#read("conversations.replies", query, signal)) ?? [];
      replies.push(...messages.filter(({ ts }) => Number(ts) > Number(oldest)));
    }
    return replies;
  }

  /** Undefined for a place that is gone or closed to the bot. */
  async #read(
    method: HistoryMethod,
    query: HistoryQuery,
    signal: AbortSignal,
  ): Promise<readonly HistoryMessage[] | undefined> {
    const { history, log } = this.#ports;
    try {
      return await history.read(method, query, signal);
    } catch (error) {
      if (!(error instanceof PlatformError)) throw error;
      if (error.isPassing) throw error;
      log.info({ method, kind: error.kind }, "missed messages of a Slack channel can't be read");
      return undefined;
    }
  }

  /** Oldest first. */
  async #toSaid(
    { team, channel }: Place,
    messages: readonly HistoryMessage[],
    signal: AbortSignal,
  ): Promise<readonly Said[]> {
    const { names, clock, self } = this.#ports;
    const nowMs = clock.nowMs();
    const unique = [...new Map(messages.map((message) => [message.ts, message])).values()];
    const inOrder = unique.toSorted((one, other) => byTs(one.ts, other.ts));
    const unnamedIds = new Set<string>();
    const nameOf = (userId: string): string | undefined => {
      if (names.isStale(userId)) unnamedIds.add(userId);
      return names.of(userId);
    };
    const read = (): readonly Said[] =>
      inOrder.flatMap((message) => {
        const event = { ...message, type: "message" as const, channel };
        const inbound = fromMessage(
          { team_id: team, event },
          { ...self, nameOf, zoneOf: names.zoneOf, nowMs },
        );
        return inbound?.kind === "said" ? [inbound] : [];
      });
    const said = read();
    if (unnamedIds.size === 0) return said;
    const unnamed = [...unnamedIds];
    for (let from = 0; from < unnamed.length; from += namesPerBatch) {
      signal.throwIfAborted();
      await names.load(unnamed.slice(from, from + namesPerBatch), namesWaitMs);
    }
    return read();
  }
}

/** Where to begin reading. A message stored after the downtime proves nothing about messages within it. */
function startOf(lastTs: string, { missedFromMs }: KnownPlace): string {
  if (missedFromMs === undefined) return lastTs;
  const offlineTs = ((missedFromMs - clockSkewMs) / 1_000).toFixed(6);
  return Number(offlineTs) < Number(lastTs) ? offlineTs : lastTs;
}

function asUnread({ ts }: HistoryMessage): Unread {
  return { threadTs: ts, oldest: ts };
}

function isTs(text: string): boolean {
  return /^\d+\.\d+$/u.test(text);
}

function byTs(one: string, other: string): number {
  return Number(one) - Number(other);
}
