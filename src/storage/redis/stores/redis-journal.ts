import { hasSeveralPeople } from "../../../domain/people-in.ts";
import type { ConversationKey } from "../../../domain/conversation.ts";
import { type Lease, type Turn } from "../../../domain/turn.ts";
import { BusyError, type Claim, type Finish, type Journal, StaleLeaseError } from "../../../ports/journal.ts";
import type { Ids } from "../../../ports/ids.ts";
import type { Log } from "../../../ports/log.ts";
import type { ErasedPages } from "./redis-erased-pages.ts";
import { firstReadEntries, type RedisInbox } from "./redis-inbox.ts";
import type { RedisMemoryWriter } from "./redis-memory-writer.ts";
import { readSuspicion } from "../../records/suspicion-schema.ts";
import { readTurn } from "../../records/turn-schema.ts";
import { fenceLua, fenceValueOf } from "../lua/fence.ts";
import { claimScript, readClaimReply } from "../lua/claim-script.ts";
import { finishScript } from "../lua/finish-script.ts";
import { memoryLua } from "../lua/memory-lua.ts";
import { keys } from "../commands/keys.ts";
import { recordIndexLua } from "../lua/record-index-lua.ts";
import { restoreScript, restoreValues } from "../lua/restore-script.ts";
import { strings } from "../commands/replies.ts";
import { script, type Redis, type Script } from "../commands/redis.ts";
import { messageIdOf } from "../../../domain/message.ts";

const assertScript = script(`${fenceLua} return "ok"`);

const runningScript = script(`${fenceLua} return {redis.call("HGET", KEYS[1], "turn") or ""}`);

const saveScript = script(`${fenceLua} redis.call("HSET", KEYS[1], "turn", ARGV[2]) return "ok"`);

/** ARGV: lease, the process or empty, the suspicion or empty. */
const markScript = script(`${fenceLua}
for index, field in ipairs({"worker", "suspicion"}) do
  if ARGV[index + 1] == "" then redis.call("HDEL", KEYS[1], field) else redis.call("HSET", KEYS[1], field, ARGV[index + 1]) end
end
return "ok"
`);

/** ARGV: lease, reference, one line of JSON, conversation, page key, the new memory or nothing. */
const quarantineScript = script(`${fenceLua}${recordIndexLua}${memoryLua}
local memory, pages, pageKey = KEYS[2], KEYS[3], ARGV[5]
local record = {ARGV[3], redis.call("GET", memory) or nil}
for _, id in ipairs(redis.call("SMEMBERS", pages)) do record[#record + 1] = redis.call("GET", pageKey .. id) or nil end
if #record > 1 then putRecord(KEYS[4], ARGV[4], ARGV[2], table.concat(record, "\\n")) end
removeMemory(memory, pages, pageKey)
if #ARGV > 5 then writeMemory(memory, pages, pageKey, 6) else redis.call("ZREM", KEYS[5], ARGV[4]) end
return "ok"
`);

/** The journal in Redis. Every write on an old lease is refused. */
export class RedisJournal implements Journal {
  readonly #redis: Redis;
  readonly #inbox: Pick<RedisInbox, "entriesFrom">;
  readonly #memories: RedisMemoryWriter;
  readonly #erasedPages: ErasedPages;
  readonly #ids: Ids;
  readonly #log: Log;

  constructor(
    redis: Redis,
    {
      inbox,
      memories,
      erasedPages,
      ids,
      log,
    }: {
      readonly inbox: Pick<RedisInbox, "entriesFrom">;
      readonly memories: RedisMemoryWriter;
      readonly erasedPages: ErasedPages;
      readonly ids: Ids;
      readonly log: Log;
    },
  ) {
    this.#redis = redis;
    this.#inbox = inbox;
    this.#memories = memories;
    this.#erasedPages = erasedPages;
    this.#ids = ids;
    this.#log = log;
  }

  readonly claim: Journal["claim"] = async (conversation, worker, signal): Promise<Claim> => {
    const names = [
      keys.conversation(conversation),
      keys.inbox(conversation),
      this.#memories.headKey(conversation),
    ];
    const name = this.#ids.name();
    const held = this.#memories.held(conversation);
    const values = [name, worker, held.start, firstReadEntries];
    const reply = await this.#redis.run(claimScript, names, values, signal);
    if (reply === "busy") throw new BusyError("Another process works on the conversation");
    const { fields, head, members } = readClaimReply(reply);
    const [epoch, isShared, storedTurn = "", filed, leftBy = "", suspected, isHeld, newest] = fields;
    const suspicion = readSuspicion(suspected);
    const turn = readTurn(storedTurn, this.#log);
    const { timesForgotten } = held;
    return {
      lease: { conversation, epoch: Number(epoch), name },
      isShared: isShared === "1",
      syncedRevision: Number(filed),
      newestSeq: Number(newest),
      waiting: await this.#inbox.entriesFrom(conversation, members, signal),
      memory: { bytes: isHeld === "1" ? held.bytes : head, timesForgotten },
      ...(turn === undefined ? {} : { turn }),
      ...(leftBy === "" ? {} : { leftBy }),
      ...(suspicion === undefined ? {} : { suspicion }),
    };
  };

  readonly mark: Journal["mark"] = async (lease, { worker = "", suspicion }, signal) => {
    const values = [worker, suspicion === undefined ? "" : JSON.stringify(suspicion)];
    await this.#fenced(markScript, lease, { names: [], values }, signal);
  };

  readonly assertCurrent = async (lease: Lease, signal: AbortSignal): Promise<void> => {
    await this.#fenced(assertScript, lease, { names: [], values: [] }, signal);
  };

  readonly running = async (lease: Lease, signal: AbortSignal): Promise<Turn | undefined> => {
    const reply = await this.#fenced(runningScript, lease, { names: [], values: [] }, signal);
    return readTurn(strings(reply)[0] ?? "", this.#log);
  };

  readonly save = async (lease: Lease, turn: Turn, signal: AbortSignal): Promise<void> => {
    await this.#fenced(saveScript, lease, { names: [], values: [JSON.stringify(turn)] }, signal);
  };

  readonly finish: Journal["finish"] = async (lease, finish, signal) => {
    const { conversation } = lease;
    const [headKey, pages] = this.#memories.names(conversation);
    const names = [
      keys.inbox(conversation),
      keys.messages(conversation),
      headKey,
      keys.authors(conversation),
      pages,
    ];
    const values = [conversation, ...valuesOf(finish, conversation, this.#memories.pageKey(conversation))];
    const run = (memoryValues: readonly string[]) =>
      this.#fenced(finishScript, lease, { names, values: [...values, ...memoryValues] }, signal);
    const { memory, erase, gone = [], changed = [] } = finish;
    if (erase === true) this.#memories.forget(conversation);
    const reply =
      memory === undefined
        ? await run([])
        : await this.#memories.write(memory, run, erase === true ? "all" : undefined);
    if (erase === true || gone.length + changed.length > 0) this.#erasedPages.announce(conversation);
    return reply === "rest" ? "rest" : "more";
  };

  readonly quarantineMemory: Journal["quarantineMemory"] = async (lease, reference, instead, signal) => {
    const { conversation } = lease;
    const names = [...this.#memories.names(conversation), keys.quarantine, keys.pendingSyncs];
    const about = JSON.stringify({ conversation, atMs: Date.now() });
    const values = [reference, about, conversation, this.#memories.pageKey(conversation)];
    const run = (memoryValues: readonly string[]) =>
      this.#fenced(quarantineScript, lease, { names, values: [...values, ...memoryValues] }, signal);
    this.#memories.forget(conversation);
    if (instead === undefined) await run([]);
    else await this.#memories.write(instead, run, "all");
  };

  readonly restore: Journal["restore"] = async (lease, memory, archived, signal) => {
    const { conversation } = lease;
    const memoryNames = this.#memories.names(conversation);
    const names = [...memoryNames, keys.pendingSyncs, keys.authors(conversation), keys.archived];
    const values = restoreValues(memory, archived, this.#memories.pageKey(conversation)).map(String);
    const run = (memoryValues: readonly string[]) =>
      this.#fenced(restoreScript, lease, { names, values: [...values, ...memoryValues] }, signal);
    await this.#memories.write(memory, run, "all");
  };

  async #fenced(
    fencedScript: Script,
    lease: Lease,
    { names, values }: { readonly names: readonly string[]; readonly values: readonly string[] },
    signal: AbortSignal,
  ): Promise<unknown> {
    const reply = await this.#redis.run(
      fencedScript,
      [keys.conversation(lease.conversation), ...names],
      [fenceValueOf(lease), ...values],
      signal,
    );
    if (reply === "stale") throw new StaleLeaseError("Another process claimed the conversation");
    return reply;
  }
}

/** ARGV of `finishScript`, before `memoryValues`. An empty string stands for a missing value. */
function valuesOf(finish: Finish, conversation: ConversationKey, pageKey: string): readonly string[] {
  const { covers, posts, memory, title, deadLetter } = finish;
  const isShared = memory === undefined ? "" : Number(hasSeveralPeople(memory)).toString();
  const letter = deadLetter && JSON.stringify({ conversation, why: deadLetter.why, atMs: Date.now() });
  return [
    covers.join(" "),
    posts.map(messageIdOf).join("\n"),
    pageKey,
    memory?.revision.toString() ?? "",
    isShared,
    title === undefined ? "0" : "1",
    title ?? "",
    deadLetter?.reference ?? "",
    letter ?? "",
    finish.erase === true ? "1" : "0",
    finish.gone?.join("\n") ?? "",
    finish.changed?.join("\n") ?? "",
    finish.goesOn === true ? "1" : "0",
    finish.suspicion === undefined ? "" : JSON.stringify(finish.suspicion),
    finish.isUnnamed === true ? "1" : "0",
    Date.now().toString(),
  ];
}
