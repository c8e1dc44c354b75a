import type { Said } from "../../../domain/inbound.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Directory } from "../../../ports/directory.ts";
import type { Log } from "../../../ports/log.ts";
import { PlatformError, type KnownPlace } from "../../../ports/platform.ts";
import type { HistoryMessage } from "../wire/payload-schemas.ts";
import type { ChannelIds } from "../api/channel-ids.ts";
import { underOneId } from "../inbound/early-threads.ts";
import { fromMessage } from "../inbound/from-message.ts";
import type { HistoryAllowance, HistoryMethod, HistoryQuery } from "../api/history-pages.ts";
import type { Names } from "../api/user-names.ts";
import type { RateLimitedHistory } from "./rate-limited-history.ts";
import type { WorkflowCalls } from "../inbound/workflow-calls.ts";
import { keyOf, type SlackFacts } from "../wire/keys.ts";

interface MissedMessagesPorts {
  readonly history: RateLimitedHistory;
  readonly allowance: HistoryAllowance;
  readonly names: Names;
  readonly clock: Clock;
  readonly log: Log;
  readonly workflowCalls: WorkflowCalls;
  readonly directory: Pick<Directory, "locate">;
  readonly channelIds: Pick<ChannelIds, "known" | "current">;
  readonly self: Omit<SlackFacts, "nameOf" | "nowMs">;
}

/** In one place; with the limited allowance each takes a minute. */
const mostThreads = { internal: 400, limited: 15 } as const;
/** Our clock and Slack's may differ. To read something twice costs nothing. */
const clockSkewMs = 60_000;
const namesAtOnce = 20;
const namesWaitMs = 5_000;

interface Place {
  readonly team: string;
  readonly channel: string;
}

/** A thread, and after which message we don't know it. */
interface Unread {
  readonly threadTs: string;
  readonly oldest: string;
}

/** Reads what people said while nobody of us listened. */
export class MissedMessages {
  readonly #ports: MissedMessagesPorts;

  constructor(ports: MissedMessagesPorts) {
    this.#ports = ports;
  }

  /**
   * New threads are those whose root is new: what was answered in an older one that we took no part in can't be seen.
   * @throws {PlatformError} when Slack can't be reached, or asks to slow down again and again.
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
    const said = (await this.#toSaid(place, [...top, ...replies], signal)).map((each) =>
      this.#ports.workflowCalls.judgeSaid(each),
    );
    const ours = ofConversations(said, new Set(known.conversations.map(({ conversation }) => conversation)));
    return underOneId(ours, this.#ports, signal);
  };

  /** The most worth reading first. */
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
    const begun = top.filter(({ ts, reply_count: replies }) => !isKnown.has(ts) && (replies ?? 0) > 0);
    const isOurs = ({ text }: HistoryMessage): boolean =>
      channel.startsWith("D") || text?.includes(`<@${botUserId}`) === true;
    const ours = begun.filter(isOurs);
    const others = begun.filter((root) => !isOurs(root));
    return [...ours.map(asUnread), ...known, ...others.map(asUnread)];
  }

  async #readThreads(
    { channel }: Place,
    threads: readonly Unread[],
    signal: AbortSignal,
  ): Promise<readonly HistoryMessage[]> {
    const replies = [];
    for (const { threadTs, oldest } of threads.slice(0, mostThreads[this.#ports.allowance])) {
      const query = { channel, ts: threadTs, oldest };
      const messages = (await this.#read("conversations.replies", query, signal)) ?? [];
      replies.push(...messages.filter(({ ts }) => Number(ts) > Number(oldest)));
    }
    return replies;
  }

  /** Undefined for what is gone or closed to us. */
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
      log.info({ method, kind: error.kind }, "what was missed somewhere in Slack can't be read");
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
    const asked = new Set<string>();
    const nameOf = (userId: string): string | undefined => {
      if (names.isWorthAsking(userId)) asked.add(userId);
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
    if (asked.size === 0) return said;
    const unnamed = [...asked];
    for (let from = 0; from < unnamed.length; from += namesAtOnce) {
      signal.throwIfAborted();
      await names.learn(unnamed.slice(from, from + namesAtOnce), namesWaitMs);
    }
    return read();
  }
}

/** Where to begin to read: what was stored after an absence says nothing about what was said in it. */
function startOf(lastTs: string, { unheardFromMs }: KnownPlace): string {
  if (unheardFromMs === undefined) return lastTs;
  const deafTs = ((unheardFromMs - clockSkewMs) / 1_000).toFixed(6);
  return Number(deafTs) < Number(lastTs) ? deafTs : lastTs;
}

/** What was said in conversations that we know, and in others from where somebody turned to us. */
function ofConversations(said: readonly Said[], known: Set<string>): readonly Said[] {
  return said.filter(({ conversation, addressing, message, mayCall }) => {
    const isCall = message.author.isApp !== true || mayCall === true;
    if (isCall && (addressing === "mention" || addressing === "direct")) known.add(conversation);
    return known.has(conversation);
  });
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
