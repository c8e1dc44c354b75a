import { conversationKey, type ConversationKey } from "../../../domain/conversation.ts";
import type { Inbound, InboxEntry } from "../../../domain/inbound.ts";
import type { InboundFacts } from "../../../domain/inbound-facts.ts";
import type { InboundFormat } from "../../../ports/inbound-format.ts";
import type { Ids } from "../../../ports/ids.ts";
import { InboxError, maxPostponementMs, type Acceptance, type Inbox } from "../../../ports/inbox.ts";
import type { Log } from "../../../ports/log.ts";
import { StoreError } from "../../../ports/store-error.ts";
import { inboundReader, type ReadInbound } from "../../records/inbound-schema.ts";
import { takeBatch, maxBatchEntries } from "../../records/read-batch.ts";
import { acceptChange, acceptWords } from "../lua/accept-script.ts";
import { memberText, readMember } from "../lua/inbox-member.ts";
import { emptyTtlS, keys } from "../commands/keys.ts";
import { recordIndexLua } from "../lua/record-index-lua.ts";
import { strings } from "../commands/replies.ts";
import { commandDeadlineMs, script, type Redis, type Script } from "../commands/redis.ts";
import { ServerTime } from "../commands/server-time.ts";

/** Read first, because all entries may be long. */
export const firstReadEntries = 20;
/** More than can be scheduled between two sweeps. */
const maxDue = 10_000;

/** ARGV: until when, conversation. The end of its next turn ends the postponement. */
const postponeScript = script(`
redis.call("ZADD", KEYS[1], ARGV[1], ARGV[2])
redis.call("HSET", KEYS[2], "postponed", "1")
if redis.call("HLEN", KEYS[2]) == 1 then redis.call("EXPIRE", KEYS[2], ${emptyTtlS}) end
`);

const quarantineScript = script(`${recordIndexLua}
putRecord(KEYS[3], ARGV[4], ARGV[1], ARGV[2])
redis.call("ZREM", KEYS[1], ARGV[3])
local first = redis.call("ZRANGE", KEYS[1], 0, 0, "WITHSCORES")
if first[2] then redis.call("ZADD", KEYS[2], first[2], ARGV[4])
else
  redis.call("ZREM", KEYS[2], ARGV[4])
  -- The process that claimed the conversation for this entry has nothing left to do.
  redis.call("HDEL", KEYS[4], "worker")
end
`);

/** The inbox in Redis, shared by all replicas. */
export class RedisInbox implements Inbox {
  readonly #redis: Redis;
  readonly #time: ServerTime;
  readonly #ids: Ids;
  readonly #log: Log;
  readonly #factsOf: InboundFormat["factsOf"];
  readonly #readInbound: ReadInbound;

  constructor(
    redis: Redis,
    { ids, log, inbounds }: { readonly ids: Ids; readonly log: Log; readonly inbounds: InboundFormat },
  ) {
    this.#redis = redis;
    this.#factsOf = inbounds.factsOf;
    this.#readInbound = inboundReader(inbounds);
    this.#time = new ServerTime(redis);
    this.#ids = ids;
    this.#log = log;
  }

  readonly accept: Inbox["accept"] = async (inbound, nowMs, signal, isKnown = false): Promise<Acceptance> => {
    const facts = this.#factsOf(inbound);
    const names = keysOf(inbound, facts);
    const values = valuesOf(inbound, facts, [this.#ids.name(), nowMs, isKnown]);
    try {
      const reply = await this.#runInTime(facts.addsText ? acceptWords : acceptChange, names, values, signal);
      return reply === "duplicate" || reply === "ignored" ? reply : "stored";
    } catch (cause) {
      throw new InboxError("The inbox can't be written", { cause });
    }
  };

  readonly waiting = async (
    conversation: ConversationKey,
    signal: AbortSignal,
    afterSeq = 0,
  ): Promise<readonly InboxEntry[]> => {
    const first = await this.#members(conversation, afterSeq, [0, firstReadEntries], signal);
    return this.entriesFrom(conversation, first, signal, afterSeq);
  };

  /** The waiting entries, of which the first members are read already. */
  async entriesFrom(
    conversation: ConversationKey,
    first: readonly string[],
    signal: AbortSignal,
    afterSeq = 0,
  ): Promise<readonly InboxEntry[]> {
    const isAll = first.length < firstReadEntries || takeBatch(first, charsOf).length < firstReadEntries;
    const rest = [firstReadEntries, maxBatchEntries] as const;
    const members = isAll
      ? first
      : [...first, ...(await this.#members(conversation, afterSeq, rest, signal))];
    const entries: InboxEntry[] = [];
    for (const member of takeBatch(members, charsOf)) {
      const entry = readMember(member, this.#readInbound);
      if (entry === undefined) await this.#quarantine(conversation, member, signal);
      else entries.push(entry);
    }
    return entries;
  }

  readonly isMarked = async (mark: string, signal: AbortSignal): Promise<boolean> =>
    (await this.#redis.send(["ZSCORE", keys.seen, mark], signal)) !== null;

  readonly due = async (nowMs: number, signal: AbortSignal): Promise<readonly ConversationKey[]> => {
    const [waiting, postponed] = await Promise.all([
      this.#redis.send(["ZRANGE", keys.waiting, 0, maxDue - 1], signal),
      this.#redis.send(["ZRANGE", keys.postponed, `(${nowMs}`, nowMs + maxPostponementMs, "BYSCORE"], signal),
    ]);
    const later = new Set(strings(postponed));
    return strings(waiting)
      .filter((each) => !later.has(each))
      .map(conversationKey);
  };

  readonly postpone = async (
    conversation: ConversationKey,
    untilMs: number,
    signal: AbortSignal,
  ): Promise<void> => {
    const names = [keys.postponed, keys.conversation(conversation)];
    await this.#redis.run(postponeScript, names, [untilMs, conversation], signal);
  };

  readonly dropDedupeMarks = async (beforeMs: number, signal: AbortSignal): Promise<void> => {
    await this.#redis.send(["ZREMRANGEBYSCORE", keys.seen, "-inf", `(${beforeMs}`], signal);
    // Over long ago. No turn has removed it: nothing was stored for that conversation then.
    await this.#redis.send(["ZREMRANGEBYSCORE", keys.postponed, "-inf", `(${beforeMs}`], signal);
  };

  async #members(
    conversation: ConversationKey,
    afterSeq: number,
    [from, to]: readonly [from: number, to: number],
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    const after = ["ZRANGE", keys.inbox(conversation), `(${afterSeq}`, "+inf", "BYSCORE", "LIMIT"];
    return strings(await this.#redis.send([...after, from, to - from], signal));
  }

  /** Makes sure that an inbound is not stored after its sender was told that it failed. @throws {StoreError} */
  async #runInTime(
    accept: Script,
    names: readonly string[],
    values: readonly (string | number)[],
    signal: AbortSignal,
  ): Promise<unknown> {
    for (let tries = 1; tries <= 2; tries += 1) {
      const untilMs = Math.floor((await this.#time.nowMs(signal)) + commandDeadlineMs);
      const reply = await this.#redis.run(accept, names, [...values, untilMs], signal);
      if (reply !== "late") return reply;
      this.#time.forget();
    }
    throw new StoreError("Redis answered too late");
  }

  /** An unreadable entry is quarantined alone; the conversation goes on. */
  async #quarantine(conversation: ConversationKey, record: string, signal: AbortSignal): Promise<void> {
    const reference = this.#ids.reference();
    const about = JSON.stringify({ conversation, atMs: Date.now() });
    await this.#redis.run(
      quarantineScript,
      [keys.inbox(conversation), keys.waiting, keys.quarantine, keys.conversation(conversation)],
      [reference, `${about}\n${record}`, record, conversation],
      signal,
    );
    this.#log.error(
      { reference, key: keys.quarantine },
      "an unreadable inbox entry was quarantined; look it up by its reference",
    );
  }
}

function keysOf(
  { conversation, platform, place }: Inbound,
  { author = "" }: InboundFacts,
): readonly string[] {
  return [
    keys.conversation(conversation),
    keys.inbox(conversation),
    keys.messages(conversation),
    keys.authors(conversation),
    keys.located(platform, place),
    keys.listed(platform, place),
    keys.active(platform),
    keys.written(platform, author),
  ];
}

/** ARGV of the script, without the deadline. An empty string stands for a missing value. */
function valuesOf(
  inbound: Inbound,
  facts: InboundFacts,
  [name, nowMs, isKnown]: readonly [name: string, nowMs: number, isKnown: boolean],
): readonly (string | number)[] {
  const { conversation, dedupeId, platform, place } = inbound;
  return [
    conversation,
    dedupeId,
    nowMs,
    Number(isKnown || facts.opens),
    platform,
    place,
    facts.title ?? "",
    memberText(name, JSON.stringify(inbound), facts),
    Number(facts.movesUp),
    facts.message ?? "",
    Number(facts.title !== undefined),
    facts.author ?? "",
    facts.deletionMark ?? "",
    facts.deletedBy ?? "",
    facts.quoted ?? "",
  ];
}

function charsOf({ length }: string): number {
  return length;
}
