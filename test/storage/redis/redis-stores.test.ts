import KeyvRedis, { createClient } from "@keyv/redis";
import { Keyv } from "keyv";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { inboundFormat as inbounds } from "../../../src/conversation/inbounds/registry.ts";
import { MemoryError } from "../../../src/ports/memory.ts";
import type { ConversationMemory } from "../../../src/domain/conversation-memory.ts";
import { randomIds } from "../../../src/runtime/ids.ts";
import { InProcessBroadcast } from "../../../src/engine/embedded/in-process-broadcast.ts";
import { InProcessInterruptions } from "../../../src/engine/embedded/in-process-interruptions.ts";
import { InboxError } from "../../../src/ports/inbox.ts";
import { StoreError } from "../../../src/ports/store-error.ts";
import { systemClock as clock } from "../../../src/runtime/clock.ts";
import { openRedisStores } from "../../../src/storage/redis/open-redis-stores.ts";
import { openRedisInstallations } from "../../../src/storage/redis/stores/redis-installations.ts";
import { inboxContract } from "../../contracts/inbox-contract.ts";
import { journalContract } from "../../contracts/journal-contract.ts";
import { said } from "../../support/core/inbounds.ts";
import { memoryOf } from "../../support/core/memory-of.ts";
import { confirmationsContract } from "../../contracts/confirmations-contract.ts";
import { preferencesContract } from "../../contracts/preferences-contract.ts";
import { delayedErasuresContract } from "../../contracts/delayed-erasures-contract.ts";
import { erasureRequestsContract } from "../../contracts/erasure-requests-contract.ts";
import { installationsContract } from "../../contracts/installations-contract.ts";
import { renamingsContract } from "../../contracts/renamings-contract.ts";
import { presenceContract } from "../../contracts/presence-contract.ts";
import { memoryContract } from "../../contracts/memory-contract.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import { strayErrors, untilStraysAreAnnounced } from "../../support/stray-errors.ts";
import { redisIsMissing, startRedisServer, type RedisServer } from "../../support/redis-server.ts";

const record = memoryOf("fake:room:1");
const longSummary = {
  lines: [{ text: "swordfish ".repeat(500), cites: [{ message: "m1", ordinal: 1, saidAtMs: 1 }], tokens: 9 }],
  upTo: 1,
  dropped: 0,
  madeAtMs: 1,
};
const patiently = { timeout: 60_000, interval: 20 };
const signal = (): AbortSignal => AbortSignal.timeout(600_000);

type Opened = Awaited<ReturnType<typeof openRedis>>;

/** The stores, and a Keyv of the test over the same keys. */
async function openRedis(server: RedisServer) {
  const log = new RecordingLog();
  const listeners = { interruptions: new InProcessInterruptions(), broadcast: new InProcessBroadcast() };
  const ports = { waitMs: 60_000, ids: randomIds, inbounds, clock, log, listeners };
  const stores = await openRedisStores(server.url, ports);
  const client = createClient({ url: server.url });
  client.on("error", () => undefined);
  await client.connect();
  const adapter = new KeyvRedis(client, { throwOnErrors: true });
  const keyv = new Keyv({
    store: adapter,
    namespace: "threadkeeper",
    useKeyPrefix: false,
    throwOnErrors: true,
  });
  keyv.on("error", () => undefined);
  return {
    ...stores,
    log,
    keyv,
    client,
    breakMemory: (conversation: string, bytes: Uint8Array) =>
      client.set(`threadkeeper::memory:${conversation}`, Buffer.from(bytes)),
    remember: async () => {
      await client.eval('redis.call("SELECT", 1) return redis.call("FLUSHDB")');
      for (const key of await client.keys("*")) await client.copy(key, key, { DB: 1, REPLACE: true });
      return async () => void (await client.sendCommand(["SWAPDB", "0", "1"]));
    },
    toFormat2: async (conversation: string) => {
      const inbox = `threadkeeper:inbox:${conversation}`;
      for (const { value, score } of await client.zRangeWithScores(inbox, 0, -1)) {
        await client.zRem(inbox, value);
        await client.zAdd(inbox, { score, value: value.replace(/^(\d+ \d+) \S+/u, "$1 -") });
      }
      const key = `threadkeeper:conversation:${conversation}`;
      await client.hSet(key, "turn", numbered(String(await client.hGet(key, "turn"))));
      await client.hDel(key, "lease");
    },
    loseMemory: (conversation: string) => client.del(`threadkeeper::memory:${conversation}`),
    memoryRecords: async () => {
      const names = await client.keys("threadkeeper::*");
      const bytes = await Promise.all(names.map((name) => client.get(name)));
      return new Map(names.map((name, index) => [name, bytes[index] ?? ""]));
    },
    another: () => openRedisStores(server.url, ports),
    foundAside: async (reference: string) => {
      const found = await client.withTypeMapping({ 36: Buffer }).hGet("threadkeeper:set-aside", reference);
      const bytes = Buffer.from(found ?? "");
      return bytes.length === 0 ? undefined : bytes.subarray(bytes.indexOf("\n") + 1);
    },
    [Symbol.asyncDispose]: async () => {
      client.destroy();
      await stores[Symbol.asyncDispose]();
    },
  };
}

/** A running turn with entry ids as in format 2. */
function numbered(turn: string): string {
  return turn.replaceAll(/"(\d+)\.[\w-]+"/gu, "$1");
}

/** Redis holds back commands while it writes its log to the disk, for up to two seconds. A kill would lose them. */
async function untilLogged({ client }: Opened): Promise<void> {
  await expect
    .poll(() => client.sendCommand(["INFO", "persistence"]), patiently)
    .toMatch(/aof_buffer_length:0\r/u);
}

/** Writes a memory like the end of a turn. */
async function remember({ journal }: Opened, memory: ConversationMemory): Promise<void> {
  const { lease } = await journal.claim(memory.conversation, "w", signal());
  await journal.finish(lease, { covers: [], posts: [], memory }, signal());
}

describe.skipIf(redisIsMissing)(`the stores on Redis ${redisIsMissing ?? ""}`, () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedisServer();
  });
  afterAll(() => server[Symbol.asyncDispose]());
  const open = async () => {
    const stores = await openRedis(server);
    return {
      ...stores,
      [Symbol.asyncDispose]: async () => {
        await stores.client.flushDb();
        await stores[Symbol.asyncDispose]();
      },
    };
  };

  describe("the presence", () => {
    presenceContract(() => ({
      open: () => openRedis(server),
      [Symbol.asyncDispose]: async () => {
        await using stores = await openRedis(server);
        await stores.client.flushDb();
      },
    }));
  });
  describe("renamings", () => {
    renamingsContract(() => ({
      open: () => openRedis(server),
      [Symbol.asyncDispose]: async () => {
        await using stores = await openRedis(server);
        await stores.client.flushDb();
      },
    }));
  });
  describe("installations", () => {
    installationsContract(() => ({
      open: async (keys) => {
        const stores = await openRedis(server);
        const redis = stores.client;
        const key = "threadkeeper:installations:slack";
        const { installations, ...second } = await openRedisInstallations(server.url, keys, stores.log);
        return {
          installations,
          stored: async () => JSON.stringify(await redis.hGetAll(key)),
          copy: async (from, to) => void (await redis.hSet(key, to, String(await redis.hGet(key, from)))),
          [Symbol.asyncDispose]: async () => {
            await second[Symbol.asyncDispose]();
            await stores[Symbol.asyncDispose]();
          },
        };
      },
      [Symbol.asyncDispose]: async () => {
        await using stores = await openRedis(server);
        await stores.client.flushDb();
      },
    }));
  });
  describe("delayed erasures", () => {
    delayedErasuresContract(open);
  });
  describe("the open questions of commands", () => {
    confirmationsContract(open);
  });
  describe("people's preferences", () => {
    preferencesContract(open);
  });
  describe("erasure requests", () => {
    erasureRequestsContract(open);
  });
  describe("working memory", () => {
    memoryContract(open);
  });
  describe("the inbox and the directory", () => {
    inboxContract(open);

    test("quarantines an unreadable entry, reports it, and returns the others", async () => {
      await using stores = await open();
      const { client } = stores;
      for (const id of ["a", "b", "c"]) await stores.inbox.accept(said(id, `text ${id}`), 1, signal());
      const key = "threadkeeper:inbox:fake:room:1";
      await client.zRemRangeByScore(key, 1, 2);
      await client.zAdd(key, [
        { score: 1, value: '1 1 {"kind":"sai' },
        { score: 2, value: "nonsense" },
      ]);
      const waiting = await stores.inbox.waiting("fake:room:1", signal());
      expect(waiting.map(({ inbound }) => inbound)).toMatchObject([{ message: { id: "c" } }]);
      const aside = Object.values(await client.hGetAll("threadkeeper:set-aside"));
      expect(aside.map((each) => each.split("\n")[1] ?? "").toSorted((a, b) => a.localeCompare(b))).toEqual([
        '1 1 {"kind":"sai',
        "nonsense",
      ]);
      expect(stores.log.lines.filter(({ level }) => level === "error")).toHaveLength(2);
      expect(await stores.inbox.due(2, signal())).toEqual(["fake:room:1"]);
      await stores.eviction.expire(Date.now() + 60_000, signal());
      expect(await client.keys("threadkeeper:set-aside*")).toEqual([]);
    });

    test("keeps no process busy whose entries were all unreadable", async () => {
      await using stores = await open();
      const { client, journal, workers } = stores;
      await workers?.beat("living", signal());
      await client.zAdd("threadkeeper:inbox:fake:room:1", { score: 1, value: "nonsense" });
      expect((await journal.claim("fake:room:1", "living", signal())).waiting).toEqual([]);
      await stores.inbox.accept(said("a", "hello"), 1, signal());
      expect((await journal.claim("fake:room:1", "other", signal())).leftBy).toBeUndefined();
    });
  });
  describe("the journal", () => {
    journalContract(open);

    test("writes what Keyv reads, and replaces what Keyv wrote", async () => {
      await using stores = await open();
      await remember(stores, { ...record, chapter: 2 });
      const { version: _version, ...fields } = record;
      expect(await stores.keyv.get("memory:fake:room:1")).toMatchObject({ ...fields, chapter: 2 });
      await stores.keyv.set("memory:fake:room:1", { ...record, chapter: 3 });
      expect((await stores.memories.read("fake:room:1", signal())).memory?.chapter).toBe(3);
      await remember(stores, { ...record, chapter: 4 });
      expect(await stores.keyv.get("memory:fake:room:1")).toMatchObject({ ...fields, chapter: 4 });
    });

    test("leaves no key of an erased conversation", async () => {
      await using stores = await open();
      const { inbox, journal, client } = stores;
      await inbox.accept(said("a", "secret"), 1, signal());
      const { lease } = await journal.claim("fake:room:1", "w", signal());
      await journal.finish(lease, { covers: [], posts: ["room/p1"], memory: record }, signal());
      const covers = (await inbox.waiting("fake:room:1", signal())).map(({ id }) => id);
      await journal.finish(lease, { covers, posts: ["room/p2"], erase: true }, signal());
      const left = await client.keys("*");
      expect(left.toSorted((one, other) => one.localeCompare(other))).toEqual([
        "threadkeeper:epoch",
        "threadkeeper:erased",
        "threadkeeper:format",
        "threadkeeper:seen",
        "threadkeeper:seq",
        "threadkeeper:web-cookie-key",
      ]);
    });

    test("keeps the synced revision for longer than a day after the conversation was erased", async () => {
      await using stores = await open();
      const { journal, client } = stores;
      await stores.inbox.accept(said("a", "secret"), 1, signal());
      const { lease } = await journal.claim("fake:room:1", "w", signal());
      const covers = (await stores.inbox.waiting("fake:room:1", signal())).map(({ id }) => id);
      await journal.finish(lease, { covers, posts: [], memory: record, erase: true }, signal());
      await journal.claim("fake:room:1", "w", signal());
      expect(await client.ttl("threadkeeper:conversation:fake:room:1")).toBe(-1);
    });

    test("works on a server that has forgotten the scripts", async () => {
      await using stores = await open();
      await stores.client.scriptFlush();
      await remember(stores, record);
      expect((await stores.memories.read("fake:room:1", signal())).memory).toEqual(record);
    });
  });
});

describe.skipIf(redisIsMissing)(`a Redis that an older version filled ${redisIsMissing ?? ""}`, () => {
  const speakers = [
    { id: "ada", label: "Ada" },
    { id: "grace", label: "Grace" },
  ];

  async function fillAsBefore(
    client: Opened["client"],
    conversation: string,
    lastAtMs: number,
  ): Promise<void> {
    const old = { version: 1, conversation, chapter: 1, messages: [], leftOut: 0, speakers };
    await client.set(`threadkeeper::memory:${conversation}`, JSON.stringify({ value: old }));
    const entry = { platform: "fake", place: "room", title: "old", lastAtMs };
    await client.hSet(`threadkeeper:conversation:${conversation}`, entry);
  }

  test("syncs its conversations from the beginning, lists their authors, and keeps quarantined records", async () => {
    await using server = await startRedisServer();
    {
      await using empty = await openRedis(server);
      await empty.client.del("threadkeeper:format");
      await fillAsBefore(empty.client, "fake:room:1", 5);
      await fillAsBefore(empty.client, "fake:room:2", 3);
      await empty.client.set("threadkeeper::set-aside:fake:room:1", "broken");
      await empty.client.set("threadkeeper::memory:fake:room:3", "broken");
    }
    await using redis = await openRedis(server);
    expect(await redis.outbox.pending(9, signal())).toEqual([
      { conversation: "fake:room:2", syncedRevision: 0 },
      { conversation: "fake:room:1", syncedRevision: 0 },
    ]);
    for (const { id } of speakers) {
      expect(await redis.directory.ofAuthor("fake", id, 9, signal())).toMatchObject([
        { conversation: "fake:room:1", title: "old" },
        { conversation: "fake:room:2" },
      ]);
    }
    expect(await redis.foundAside("threadkeeper::set-aside:fake:room:1")).toEqual(Buffer.from("broken"));
    expect(await redis.client.exists("threadkeeper::set-aside:fake:room:1")).toBe(0);
    const { lease } = await redis.journal.claim("fake:room:1", "w", signal());
    await redis.journal.finish(lease, { covers: [], posts: [], erase: true }, signal());
    expect(await redis.directory.ofAuthor("fake", "ada", 9, signal())).toMatchObject([
      { conversation: "fake:room:2" },
    ]);
    expect(await redis.client.hLen("threadkeeper:set-aside")).toBe(0);
  });

  test("is upgraded once", async () => {
    await using server = await startRedisServer();
    await using first = await openRedis(server);
    await fillAsBefore(first.client, "fake:room:1", 5);
    await using second = await openRedis(server);
    expect(await second.outbox.pending(9, signal())).toEqual([]);
  });
});

describe.skipIf(redisIsMissing)(`texts in the memory of another replica ${redisIsMissing ?? ""}`, () => {
  test("go when a message is deleted or edited, and when the conversation is erased", async () => {
    await using server = await startRedisServer();
    await using redis = await openRedis(server);
    const conversation = "fake:room:1";
    const whole = memoryOf(conversation, { messages: [], revision: 1, nextOrdinal: 2, summary: longSummary });
    const less = memoryOf(conversation, { revision: 2, nextOrdinal: 2 });
    const changes = [
      { memory: less, gone: ["m1"] },
      { memory: less, changed: ["m1"] },
      { erase: true },
    ] as const;
    for (const change of changes) {
      await using other = await openRedis(server);
      await remember(redis, whole);
      const before = await redis.memoryRecords();
      expect((await other.memories.read(conversation, signal())).memory).toEqual(whole);
      const { lease } = await redis.journal.claim(conversation, "w", signal());
      await redis.journal.finish(lease, { covers: [], posts: [], ...change }, signal());
      // The head as it was, without its other record: only who holds that can read it.
      const head = `threadkeeper::memory:${conversation}`;
      const readAgain = async () => {
        await redis.client.set(head, before.get(head) ?? "");
        return (await other.memories.read(conversation, signal())).isUnreadable;
      };
      await expect.poll(readAgain, patiently).toBe(true);
      expect((await redis.memories.read(conversation, signal())).isUnreadable).toBe(true);
      await redis.client.del(head);
    }
  });
});

describe.skipIf(redisIsMissing)(`a postponement ${redisIsMissing ?? ""}`, () => {
  test("of a conversation without entries is removed with the old dedupe marks", async () => {
    await using server = await startRedisServer();
    await using redis = await openRedis(server);
    await redis.inbox.postpone("fake:room:1", 50, signal());
    await redis.inbox.postpone("fake:room:2", 150, signal());
    await redis.inbox.dropDedupeMarks(100, signal());
    expect(await redis.client.zRange("threadkeeper:postponed", 0, -1)).toEqual(["fake:room:2"]);
  });
});

describe.skipIf(redisIsMissing)(`a Redis that becomes unreachable ${redisIsMissing ?? ""}`, () => {
  test("rejects reads and writes within a second while it is stopped, and recovers by itself", async () => {
    const stray = strayErrors();
    await using server = await startRedisServer();
    await using redis = await openRedis(server);
    await remember(redis, record);
    await untilLogged(redis);
    await server.kill();
    for (let round = 0; round < 3; round += 1) {
      const startedAtMs = Date.now();
      await expect(redis.memories.read("fake:room:1", signal())).rejects.toThrow(MemoryError);
      await expect(remember(redis, record)).rejects.toThrow(StoreError);
      await expect(redis.inbox.accept(said("a", "hi"), 1, signal())).rejects.toThrow(InboxError);
      expect(Date.now() - startedAtMs).toBeLessThan(15_000);
    }
    await expect.poll(redis.health, patiently).toMatchObject({ ok: false });
    await server.start();
    await expect.poll(redis.health, patiently).toMatchObject({ ok: true });
    expect((await redis.memories.read("fake:room:1", signal())).memory).toEqual(record);
    expect(redis.log.lines.map(({ message }) => message)).toEqual([
      "Redis is lost; answers wait until it is back",
      "Redis is back",
    ]);
    expect(stray).toEqual([]);
  });

  test("rejects reads and writes within a second while it is frozen, and recovers by itself", async () => {
    const stray = strayErrors();
    await using server = await startRedisServer();
    await using redis = await openRedis(server);
    await remember(redis, record);
    server.freeze();
    const startedAtMs = Date.now();
    await Promise.all([
      expect(redis.memories.read("fake:room:1", signal())).rejects.toThrow(MemoryError),
      expect(remember(redis, { ...record, chapter: 2 })).rejects.toThrow(StoreError),
    ]);
    expect(Date.now() - startedAtMs).toBeLessThan(15_000);
    await expect.poll(redis.health, patiently).toMatchObject({ ok: false });
    server.thaw();
    await expect
      .poll(
        async () => (await redis.memories.read("fake:room:1", signal()).catch(() => undefined))?.memory,
        patiently,
      )
      .toBeDefined();
    expect(stray).toEqual([]);
  });

  test("leaves no unhandled rejection while it is stopped and the caller has ended", async () => {
    const stray = strayErrors();
    await using server = await startRedisServer();
    await using redis = await openRedis(server);
    await server.kill();
    await expect.poll(redis.health, patiently).toMatchObject({ ok: false });
    await expect(redis.memories.read("fake:room:1", AbortSignal.abort())).rejects.toThrow(/aborted/u);
    await untilStraysAreAnnounced();
    expect(stray).toEqual([]);
  });

  test("causes no quarantine, and no log line of one", async () => {
    await using server = await startRedisServer();
    await using redis = await openRedis(server);
    await server.kill();
    await expect(redis.memories.read("fake:room:1", signal())).rejects.toThrow(MemoryError);
    expect(redis.log.lines.map(({ message }) => message)).not.toContainEqual(
      expect.stringContaining("set aside"),
    );
  });

  test("doesn't store writes that it got while frozen once the caller gave up", async () => {
    await using server = await startRedisServer();
    await using redis = await openRedis(server);
    await redis.inbox.accept(said("a", "before"), 1, signal());
    server.freeze();
    await expect(redis.inbox.accept(said("b", "given up"), 2, signal())).rejects.toThrow(InboxError);
    server.thaw();
    const after = said("c", "after");
    await expect
      .poll(() => redis.inbox.accept(after, 3, signal()).catch(() => "away"), patiently)
      .toBe("stored");
    const waiting = await redis.inbox.waiting("fake:room:1", signal());
    expect(waiting.map(({ inbound }) => (inbound.kind === "said" ? inbound.message.id : ""))).toEqual([
      "a",
      "c",
    ]);
  });

  test("is noticed when it freezes, even if the bot is idle", async () => {
    await using server = await startRedisServer();
    await using redis = await openRedis(server);
    expect(redis.health()).toEqual({ ok: true, why: "" });
    server.freeze();
    await expect.poll(redis.health, patiently).toEqual({ ok: false, why: "Redis can't be reached" });
  });

  test("is noticed when it freezes under load, and logged once when it begins and once when it ends", async () => {
    await using server = await startRedisServer();
    await using redis = await openRedis(server);
    const asking = setInterval(() => void redis.presence.mark(1, signal()).catch(() => undefined), 100);
    using _ = { [Symbol.dispose]: () => clearInterval(asking) };
    server.freeze();
    await expect.poll(redis.health, patiently).toEqual({ ok: false, why: "Redis can't be reached" });
    server.thaw();
    await expect.poll(redis.health, patiently).toEqual({ ok: true, why: "" });
    expect(redis.log.lines.map(({ message }) => message)).toEqual([
      "Redis is lost; answers wait until it is back",
      "Redis is back",
    ]);
  });

  test("does not delay the end of the process when it is frozen", async () => {
    await using server = await startRedisServer();
    const redis = await openRedis(server);
    server.freeze();
    await redis[Symbol.asyncDispose]();
    expect(redis.health().ok).toBe(false);
  });
});
