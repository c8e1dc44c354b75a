import { z } from "zod";

import { conversationKey } from "../../../domain/conversation.ts";
import type { MessageId } from "../../../domain/message.ts";
import type { Eviction, SyncedConversation } from "../../../ports/eviction.ts";
import {
  removeRecordScript,
  expireMarkScript,
  expireWrittenScript,
  forgetLocationsScript,
  evictScript,
  silentScript,
} from "../lua/eviction-scripts.ts";
import { keys, prefix } from "../commands/keys.ts";
import type { RedisMemoryWriter } from "./redis-memory-writer.ts";
import { strings } from "../commands/replies.ts";
import type { Redis } from "../commands/redis.ts";

const scanCount = 500;
const aboutQuarantine = z.object({ atMs: z.number(), conversation: z.string().catch("") });
const mark = z.object({ platform: z.string(), author: z.string(), beforeMs: z.number() });

/** Eviction from the hot store in Redis. */
export class RedisEviction implements Eviction {
  readonly #redis: Redis;
  readonly #memories: RedisMemoryWriter;

  constructor(redis: Redis, memories: RedisMemoryWriter) {
    this.#redis = redis;
    this.#memories = memories;
  }

  readonly inactive: Eviction["inactive"] = async (platform, beforeMs, { skip, limit }, signal) => {
    const values = [`${prefix}conversation:`, beforeMs, skip, limit];
    const found = strings(await this.#redis.run(silentScript, [keys.active(platform)], values, signal));
    return Array.from({ length: found.length / 2 }, (_, index) => ({
      conversation: conversationKey(found[index * 2]),
      platform,
      place: found[index * 2 + 1] ?? "",
    }));
  };

  readonly evict = async (
    { conversation, revision, listing }: SyncedConversation,
    beforeMs: number,
    signal: AbortSignal,
  ): Promise<boolean> => {
    const [memory, pages] = this.#memories.names(conversation);
    const names = [
      keys.conversation(conversation),
      keys.inbox(conversation),
      keys.messages(conversation),
      memory,
      keys.pendingSyncs,
      keys.authors(conversation),
      keys.postponed,
      keys.archived,
      pages,
    ];
    const { title = "", isNamed = false } = listing ?? {};
    const how = [
      Number(listing !== undefined),
      title,
      Number(isNamed),
      beforeMs,
      this.#memories.pageKey(conversation),
    ];
    const values = [conversation, prefix, revision, ...how];
    const isEvicted = (await this.#redis.run(evictScript, names, values, signal)) === 1;
    if (isEvicted) this.#memories.forget(conversation);
    return isEvicted;
  };

  readonly dropLocations = async (
    { conversation, revision }: Pick<SyncedConversation, "conversation" | "revision">,
    keep: readonly MessageId[],
    signal: AbortSignal,
  ): Promise<void> => {
    const names = [keys.conversation(conversation), keys.inbox(conversation), keys.messages(conversation)];
    await this.#redis.run(forgetLocationsScript, names, [conversation, prefix, revision, ...keep], signal);
  };

  readonly unmark: Eviction["unmark"] = async (conversations, signal) => {
    if (conversations.length > 0) await this.#redis.send(["SREM", keys.archived, ...conversations], signal);
  };

  /** Scans the whole key space, a few hundred keys at a time. */
  readonly expire = async (beforeMs: number, signal: AbortSignal): Promise<void> => {
    await this.#forEachField(keys.quarantine, signal, async (reference, record) => {
      const [first = ""] = record.split("\n", 1);
      const { success, data } = aboutQuarantine.safeParse(parsed(first));
      if (success && data.atMs >= beforeMs) return;
      const values = [reference, data?.conversation ?? ""];
      await this.#redis.run(removeRecordScript, [keys.quarantine], values, signal);
    });
    await this.#forEachField(keys.erasureRequests, signal, async (id, record) => {
      const { success, data } = mark.safeParse(parsed(record));
      if (!success || data.beforeMs >= beforeMs) return;
      const names = [keys.erasureRequests, keys.forgotten(data.platform), keys.receipts];
      await this.#redis.run(expireMarkScript, names, [id, data.author, beforeMs], signal);
    });
    await this.#expireWritten(beforeMs, signal);
  };

  async #forEachField(
    hash: string,
    signal: AbortSignal,
    visit: (field: string, value: string) => Promise<void>,
  ): Promise<void> {
    let cursor = "0";
    do {
      const reply = await this.#redis.send(["HSCAN", hash, cursor, "COUNT", scanCount], signal);
      const [next = "0", found] = Array.isArray(reply) ? reply : [];
      const fields = strings(found);
      for (let at = 0; at < fields.length; at += 2) await visit(fields[at] ?? "", fields[at + 1] ?? "");
      cursor = String(next);
    } while (cursor !== "0");
  }

  async #expireWritten(beforeMs: number, signal: AbortSignal): Promise<void> {
    const beginning = `${prefix}written:`;
    let cursor = "0";
    do {
      const reply = await this.#redis.send(
        ["SCAN", cursor, "MATCH", `${beginning}*`, "COUNT", scanCount],
        signal,
      );
      const [next = "0", found] = Array.isArray(reply) ? reply : [];
      for (const key of strings(found)) {
        const author = key.slice(key.indexOf(":", beginning.length) + 1);
        await this.#redis.run(expireWrittenScript, [key], [prefix, author, beforeMs], signal);
      }
      cursor = String(next);
    } while (cursor !== "0");
  }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
