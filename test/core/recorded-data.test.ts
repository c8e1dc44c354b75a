import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { inboundFormat } from "../../src/conversation/inbounds/registry.ts";
import { conversationKey } from "../../src/domain/conversation.ts";
import type { Inbound } from "../../src/domain/inbound.ts";
import { InProcessBroadcast } from "../../src/engine/embedded/in-process-broadcast.ts";
import { InProcessInterruptions } from "../../src/engine/embedded/in-process-interruptions.ts";
import type { Archive } from "../../src/ports/archive.ts";
import type { ArchivedConversations } from "../../src/ports/archived-conversations.ts";
import { randomIds as ids } from "../../src/runtime/ids.ts";
import { openPostgresArchive } from "../../src/storage/postgres/open-postgres-archive.ts";
import { openRedisStores } from "../../src/storage/redis/open-redis-stores.ts";
import { openSqliteStores } from "../../src/storage/sqlite/open-sqlite-stores.ts";
import type { Stores } from "../../src/storage/stores.ts";
import { FakePlatform } from "../support/core/fake-platform.ts";
import { HandClock } from "../support/core/hand-clock.ts";
import { command, deleted, edited, said } from "../support/core/inbounds.ts";
import { openRealCore } from "../support/core/real-core.ts";
import { RecordingLog } from "../support/core/recording-log.ts";
import { ScriptedModel } from "../support/core/scripted-model.ts";
import { makeDatabasesOnOwnServer } from "../support/postgres/own-server.ts";
import { makePostgresDatabase, postgresIsMissing } from "../support/postgres-database.ts";
import {
  readRecording,
  restorePostgres,
  restoreRedis,
  restoreSqliteFiles,
  type Recording,
} from "../support/recorded/recorded-data.ts";
import { redisIsMissing, startRedisServer, type RedisServer } from "../support/redis-server.ts";
import { openThreadlessArchive } from "../support/sqlite/threadless-archive.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

interface Opened extends AsyncDisposable {
  readonly stores: Stores;
  readonly archive: Archive & ArchivedConversations;
  readonly recording: Recording;
}

const day = 86_400_000;
const room = (number: number) => ({ conversation: conversationKey(`fake:room:${number}`) });

async function openRecordedSqlite(_clock: HandClock, log: RecordingLog): Promise<Opened> {
  const opened = new AsyncDisposableStack();
  const folder = opened.use(temporaryFolder());
  restoreSqliteFiles(folder.path);
  const listeners = { interruptions: new InProcessInterruptions(), broadcast: new InProcessBroadcast() };
  const stores = opened.use(
    await openSqliteStores(folder.path, { ids, inbounds: inboundFormat, log, listeners }),
  );
  const archive = opened.use(await openThreadlessArchive(folder.path, log));
  const recording = readRecording("sqlite");
  return { stores, archive, recording, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

async function openRecordedServers(url: string, clock: HandClock, log: RecordingLog): Promise<Opened> {
  const opened = new AsyncDisposableStack();
  const database = opened.use(await makePostgresDatabase());
  await Promise.all([restoreRedis(url), restorePostgres(database.url)]);
  const listeners = { interruptions: new InProcessInterruptions(), broadcast: new InProcessBroadcast() };
  const ports = { waitMs: 60_000, ids, inbounds: inboundFormat, clock, log, listeners };
  const stores = opened.use(await openRedisStores(url, ports));
  const archive = opened.use(await openPostgresArchive(database.url, ports));
  const recording = readRecording("redis-postgres");
  return { stores, archive, recording, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

/** The current core over recorded data, a second after they were recorded. */
async function openRecorded(open: (clock: HandClock, log: RecordingLog) => Promise<Opened>) {
  const clock = new HandClock();
  const log = new RecordingLog();
  const { stores, archive, recording, ...opened } = await open(clock, log);
  clock.pass(recording.recordedAtMs + 1_000 - clock.nowMs());
  const platform = new FakePlatform({ postChars: 300 });
  // New posts get other ids than those of the recorded version.
  const deletedPost = { turn: "", part: 0, text: "", covers: [], state: "done" as const };
  for (let number = 0; number < 200; number += 1)
    platform.posts.push({ id: "", post: deletedPost, isDeleted: true, edits: 0 });
  platform.posts.push(...recording.posts);
  const model = new ScriptedModel();
  const core = openRealCore({ stores, archive, platform, model, clock, contextTokens: 4_000 });
  const { signal } = core;
  const take = async (inbound: Inbound): Promise<void> => {
    // The recorded events have the same ids as those of the tests.
    await core.accept({ ...inbound, dedupeId: `new:${inbound.dedupeId}` });
    await core.settle();
  };
  return {
    ...core,
    stores,
    archive,
    recording,
    platform,
    model,
    clock,
    /** Of all parts. */
    troubles: () => [...log.lines, ...core.log.lines].filter(({ level }) => level === "error"),
    take,
    say: (number: number, id: string, text: string): Promise<void> =>
      take(said(id, text, { ...room(number), saidAtMs: clock.nowMs() })),
    remembered: async (number: number) =>
      (await stores.memories.read(room(number).conversation, signal)).memory,
    archived: async (number: number) => archive.read({ ...room(number), limit: 5_000 }, signal),
    /** All that waits, as after a start. */
    sweep: async (): Promise<void> => {
      for (;;) {
        const due = await stores.inbox.due(clock.nowMs(), signal);
        if (due.length === 0) return;
        for (const conversation of due) await core.schedule(conversation);
      }
    },
    prompt: () => JSON.stringify(model.prompts.at(-1)),
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

function contract(open: (clock: HandClock, log: RecordingLog) => Promise<Opened>): void {
  const opened = () => openRecorded(open);

  test("has every conversation, message, summary, waiting entry and mark", async () => {
    await using bench = await opened();
    const { recording, stores, archive, signal } = bench;
    for (const [key, known] of Object.entries(recording.conversations)) {
      const conversation = conversationKey(key);
      const { memory } = await stores.memories.read(conversation, signal);
      const messages = memory?.messages.map(({ id, role, text }) => [id, role, text]) ?? [];
      expect([key, ...messages]).toEqual([key, ...known.remembered]);
      expect(memory?.summary?.lines.map(({ text }) => text) ?? []).toEqual(known.summary);
      expect(memory?.revision).toBe(known.revision);
      expect(memory?.chapter).toBe(known.chapter);
      expect(memory?.nextOrdinal).toBe(known.nextOrdinal);
      expect(memory?.speakers.map(({ id }) => id)).toEqual(known.speakers);
      const rows = await archive.read({ conversation, limit: 5_000 }, signal);
      expect(rows.map(({ id, text }) => [id, text])).toEqual(known.archived);
      const waiting = await stores.inbox.waiting(conversation, signal);
      // Entries that only had synced edits dropped are no longer needed.
      const needed = known.waiting.filter((kind) => kind !== "filed");
      expect(waiting.map(({ inbound }) => inbound.kind)).toEqual(needed);
    }
    const listed = await stores.directory.recent("fake", "room", 50, signal);
    expect(listed.map(({ conversation, title }) => [conversation, title])).toEqual(recording.listed);
    const letters = await stores.deadLetters.list(signal);
    expect(letters.map(({ reference, inbounds }) => [reference, inbounds.length])).toEqual(
      recording.deadLetters.map(({ reference, kinds }) => [reference, kinds.length]),
    );
    expect(await stores.renamings.all("fake", signal)).toEqual(recording.renamings);
    expect(await stores.presence.last(signal)).toBe(recording.presence);
    const delayed = await stores.delayedErasures.cutoffs([room(3).conversation], signal);
    expect(Object.fromEntries(delayed)).toEqual(recording.delayedErasures);
    const cutoffs = await stores.erasureRequests.cutoffs("fake", ["grace"], signal);
    expect(Object.fromEntries(cutoffs)).toEqual(recording.marks);
    expect(bench.troubles()).toEqual([]);
  });

  test("answers a follow-up from the summary and the window", async () => {
    await using bench = await opened();
    await bench.say(2, "new1", "And the crates?");
    const [line = "no line"] = bench.recording.conversations["fake:room:2"]?.summary.slice(-1) ?? [];
    expect(bench.prompt()).toContain(line);
    expect(bench.prompt()).toContain("the harbour opens at nine");
    expect(bench.prompt()).toContain("the ferry carries nothing at all");
    expect(bench.prompt()).not.toContain("the old plan");
    expect(bench.platform.shown.at(-1)).toBe("Answer to Ada: And the crates?");
    await bench.rest();
    expect((await bench.archived(2)).map(({ id }) => id)).toContain("new1");
    expect(bench.troubles()).toEqual([]);
  });

  test("continues a conversation that only the archive has", async () => {
    await using bench = await opened();
    await bench.say(1, "new1", "Tell me the story again.");
    expect(bench.prompt()).toContain("chapter two and a half");
    expect(bench.prompt()).not.toContain("chapter 3");
  });

  test("finishes a turn whose answer was being written, in the same post", async () => {
    await using bench = await opened();
    const before = bench.platform.posts.length;
    await bench.schedule(room(6).conversation);
    const first = bench.platform.posts.find(({ id }) => id === bench.recording.posts[0]?.id);
    expect(first?.post).toMatchObject({
      text: expect.stringContaining("Answer to Ada: Tell me"),
      state: "done",
    });
    expect(bench.platform.posts).toHaveLength(before);
    const roles = (await bench.remembered(6))?.messages.map(({ id, role }) =>
      role === "person" ? id : role,
    );
    expect(roles).toEqual(["f1", "bot", "f2", "bot"]);
    expect(await bench.stores.inbox.waiting(room(6).conversation, bench.signal)).toEqual([]);
    expect(bench.troubles()).toEqual([]);
  });

  test("shows an answer that was complete, and does not ask the model again", async () => {
    await using bench = await opened();
    await bench.schedule(room(7).conversation);
    expect(bench.model.prompts).toEqual([]);
    expect(bench.platform.shown.at(-1)).toBe("Answer to Ada: Is it complete?");
    expect((await bench.remembered(7))?.messages.at(-1)?.text).toBe("Answer to Ada: Is it complete?");
  });

  test("processes a waiting entry of each kind, and the erasure that had started", async () => {
    await using bench = await opened();
    await bench.sweep();
    const { signal, stores, platform } = bench;
    expect(await stores.inbox.due(Number.MAX_SAFE_INTEGER, signal)).toEqual([]);
    const { messages = [] } = (await bench.remembered(5)) ?? {};
    const texts = messages.map(({ text }) => text);
    expect(texts).toContain("The launch is on Monday.");
    expect(texts).toContain("It costs 50.");
    expect(texts).not.toContain("Who pays?");
    expect(texts).toContain("Found on the shelf: a launch plan.");
    expect(texts).toContain("Only overheard.");
    expect(texts).toContain("What does it cost now?");
    expect(platform.shown.join("\n")).toContain("Still there?");
    await bench.rest();
    const left = [await bench.remembered(5), await bench.remembered(2), await bench.archived(2)];
    expect(JSON.stringify(left)).not.toContain("My own words.");
    expect(JSON.stringify(left)).not.toContain('"grace"');
    expect((await bench.archived(1)).map(({ text }) => text)).toContain(
      "The lighthouse story, changed late.",
    );
    expect(bench.troubles()).toEqual([]);
  });

  test("restores an erased conversation on undo, and erases it otherwise", async () => {
    await using bench = await opened();
    await bench.take(command("forget", "undo", { ...room(3), saidAtMs: bench.clock.nowMs() }));
    await bench.say(3, "new1", "What is it?");
    expect(bench.prompt()).toContain("swordfish");

    await using later = await opened();
    later.clock.pass(2 * day);
    await later.lapse();
    await later.rest();
    await later.lapse();
    expect(JSON.stringify([await later.remembered(3), await later.archived(3)])).not.toContain("swordfish");
  });

  test("answers a dead letter that is retried", async () => {
    await using bench = await opened();
    const { reference = "" } = bench.recording.deadLetters[0] ?? {};
    expect(await bench.stores.deadLetters.retry(reference, bench.clock.nowMs(), bench.signal)).toBe(true);
    await bench.schedule(room(4).conversation);
    expect(bench.platform.shown.at(-1)).toContain("A question that ends in a dead letter.");
  });

  test("applies an edit and a deletion to messages from before the update", async () => {
    await using bench = await opened();
    await bench.take(edited("b50", "Day 50: no ferry.", room(2)));
    await bench.take(deleted("b72", room(2)));
    await bench.rest();
    const known = JSON.stringify([await bench.remembered(2), await bench.archived(2)]);
    expect(known).toContain("Day 50: no ferry.");
    expect(known).not.toContain("the harbour opens at nine");
  });
}

describe("data that 198b37f wrote to SQLite", () => {
  contract(openRecordedSqlite);
});

describe.skipIf(redisIsMissing !== undefined || postgresIsMissing !== undefined)(
  `data that 198b37f wrote to Redis and Postgres ${redisIsMissing ?? ""}${postgresIsMissing ?? ""}`,
  () => {
    makeDatabasesOnOwnServer();
    let server: RedisServer;
    beforeAll(async () => {
      server = await startRedisServer();
    });
    afterAll(() => server[Symbol.asyncDispose]());
    contract((...ports) => openRecordedServers(server.url, ...ports));
  },
);
