import { DatabaseSync } from "node:sqlite";

import { createClient } from "@keyv/redis";
import { describe, expect, test } from "vitest";

import { inboundFormat as inbounds } from "../../src/conversation/inbounds/registry.ts";
import type { CommandInbound, Inbound, InboxEntry } from "../../src/domain/inbound.ts";
import { InProcessBroadcast } from "../../src/engine/embedded/in-process-broadcast.ts";
import { InProcessInterruptions } from "../../src/engine/embedded/in-process-interruptions.ts";
import { systemClock as clock } from "../../src/runtime/clock.ts";
import { randomIds as ids } from "../../src/runtime/ids.ts";
import { openRedisStores } from "../../src/storage/redis/open-redis-stores.ts";
import { migrations } from "../../src/storage/sqlite/database/migrations.ts";
import { SqliteDeadLetters } from "../../src/storage/sqlite/stores/sqlite-dead-letters.ts";
import { SqliteInbox } from "../../src/storage/sqlite/stores/sqlite-inbox.ts";
import { everyInbound } from "../support/core/every-inbound.ts";
import { RecordingLog } from "../support/core/recording-log.ts";
import { redisIsMissing, startRedisServer } from "../support/redis-server.ts";

const conversation = "fake:room:1";
const all = Object.values(everyInbound).map(asOfFormat3);
/** The first entry has no name, as those of format 2. */
const nameOf = (index: number): string | undefined => (index === 0 ? undefined : `n${index}`);
/** Of a kind that is not needed any more. */
const synced = JSON.stringify({ ...everyInbound.outdated, kind: "filed" });
const expected = all.map((inbound, index): InboxEntry => {
  const name = nameOf(index);
  const seq = index + 1;
  return { id: name === undefined ? `${seq}` : `${seq}.${name}`, seq, acceptedAtMs: 5, inbound };
});

/** Commands were about no message then. */
function asOfFormat3(inbound: Inbound): Inbound {
  if (inbound.kind === "delegated") return { ...inbound, command: withoutMessage(inbound.command) };
  return inbound.kind === "commanded" ? withoutMessage(inbound) : inbound;
}

function withoutMessage({ about: _about, ...command }: CommandInbound): CommandInbound {
  return command;
}

describe("inbox entries and dead letters of format 3", () => {
  test("are read from SQLite, with the same quotable texts as new ones", async () => {
    const migrationsOfFormat3 = 7;
    using database = new DatabaseSync(":memory:");
    for (const migration of migrations.slice(0, migrationsOfFormat3)) database.exec(migration);
    const append = database.prepare(
      "INSERT INTO inbox (conversation, accepted_at_ms, inbound, name) VALUES (?, 5, ?, ?)",
    );
    const records = [...all.map((inbound) => JSON.stringify(inbound)), '{"kind":', synced];
    for (const [index, record] of records.entries()) append.run(conversation, record, nameOf(index) ?? null);
    const bury =
      "INSERT INTO dead_letter (reference, conversation, why, at_ms, entries) VALUES (?, ?, ?, ?, ?)";
    database.prepare(bury).run("one", conversation, "failed", 5, JSON.stringify(records));
    for (const migration of migrations.slice(migrationsOfFormat3)) database.exec(migration);

    const log = new RecordingLog();
    const inbox = new SqliteInbox(database, { ids, log, inbounds });
    const letters = new SqliteDeadLetters(database, inbounds);
    const inBoth = ["inbox ORDER BY seq", "dead_letter_entry ORDER BY position"].map((table) =>
      database
        .prepare(`SELECT may_quote FROM ${table}`)
        .all()
        .map((row) => row["may_quote"]),
    );
    const facts = all.map((inbound) => inbounds.factsOf(inbound).mayQuote);
    const mayQuote = [...facts.map((each) => (each === "any" ? null : JSON.stringify(each))), null];
    expect(inBoth).toEqual([mayQuote, mayQuote]);
    expect(await inbox.waiting(conversation)).toEqual(expected);
    expect(log.lines).toHaveLength(1);
    expect((await letters.list())[0]?.inbounds).toEqual(all);
    expect(await letters.retry("one", 9)).toBe(true);
    expect((await inbox.waiting(conversation)).map(({ inbound }) => inbound)).toEqual([...all, ...all]);
  });

  test.skipIf(redisIsMissing)("are read from Redis, with the same quotable texts as new ones", async () => {
    await using server = await startRedisServer();
    const client = createClient({ url: server.url });
    await client.connect();
    const records = all.map((inbound, index) => {
      const name = nameOf(index);
      return JSON.stringify(name === undefined ? inbound : { entry: name, ...inbound });
    });
    await client.set("threadkeeper:format", "3");
    await client.zAdd("threadkeeper:waiting", [
      { score: 1, value: conversation },
      { score: 90, value: "fake:room:2" },
    ]);
    await client.zAdd("threadkeeper:inbox:fake:room:2", { score: 90, value: `90 5 ${synced}` });
    for (const [index, record] of [...records, '{"kind":', synced].entries())
      await client.zAdd(`threadkeeper:inbox:${conversation}`, {
        score: index + 1,
        value: `${index + 1} 5 ${record}`,
      });
    const about = JSON.stringify({ conversation, why: "failed", atMs: 5 });
    await client.hSet("threadkeeper:dead-letters", "one", [about, ...records, synced].join("\n"));
    await client.sAdd(`threadkeeper:dead-letters:${conversation}`, "one");
    client.destroy();

    const log = new RecordingLog();
    const { signal } = new AbortController();
    const listeners = { interruptions: new InProcessInterruptions(), broadcast: new InProcessBroadcast() };
    const ports = { waitMs: 60_000, ids, inbounds, clock, log, listeners };
    {
      await using stores = await openRedisStores(server.url, ports);
      expect(await stores.inbox.waiting(conversation, signal)).toEqual(expected);
      expect(await stores.inbox.due(9, signal)).toEqual([conversation]);
      expect(log.lines.filter(({ level }) => level === "error")).toHaveLength(1);
    }
    await using stores = await openRedisStores(server.url, ports);
    expect((await stores.deadLetters.list(signal))[0]?.inbounds).toEqual(all);
    const { lease } = await stores.journal.claim(conversation, "worker", signal);
    await stores.journal.finish(
      lease,
      { covers: expected.map(({ id }) => id), posts: [], gone: ["m1"] },
      signal,
    );
    const kept = all.filter((inbound) => {
      const { mayQuote } = inbounds.factsOf(inbound);
      return mayQuote !== "any" && !mayQuote.includes("m1");
    });
    expect((await stores.deadLetters.list(signal))[0]?.inbounds).toEqual(kept);
    expect(await stores.deadLetters.retry("one", 9, signal)).toBe(true);
    expect((await stores.inbox.waiting(conversation, signal)).map(({ inbound }) => inbound)).toEqual(kept);
  });
});
