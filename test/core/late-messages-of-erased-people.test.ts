import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { inboundFormat as inbounds } from "../../src/conversation/inbounds/registry.ts";
import { InProcessBroadcast } from "../../src/engine/embedded/in-process-broadcast.ts";
import { InProcessInterruptions } from "../../src/engine/embedded/in-process-interruptions.ts";
import type { ArchivedConversations } from "../../src/ports/archived-conversations.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { Archive } from "../../src/ports/archive.ts";
import { randomIds as ids } from "../../src/runtime/ids.ts";
import { openRedisStores } from "../../src/storage/redis/open-redis-stores.ts";
import { openSqliteStores } from "../../src/storage/sqlite/open-sqlite-stores.ts";
import type { Stores } from "../../src/storage/stores.ts";
import { FakePlatform } from "../support/core/fake-platform.ts";
import { HandClock } from "../support/core/hand-clock.ts";
import { command, said } from "../support/core/inbounds.ts";
import { everyLineOf, isSummaryRequest } from "../support/core/looker.ts";
import { openRealCore } from "../support/core/real-core.ts";
import { RecordingLog } from "../support/core/recording-log.ts";
import { ScriptedModel } from "../support/core/scripted-model.ts";
import { BackfilledPlatform } from "../support/core/seeded-platform.ts";
import { postgresArchives } from "../support/postgres/postgres-archive.ts";
import { postgresIsMissing } from "../support/postgres-database.ts";
import { redisIsMissing, startRedisServer, type RedisServer } from "../support/redis-server.ts";
import { putEmptyDatabases } from "../support/sqlite/empty-databases.ts";
import { openThreadlessArchive } from "../support/sqlite/threadless-archive.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

type WholeArchive = Archive & ArchivedConversations;

interface Opened extends AsyncDisposable {
  readonly stores: Stores;
  readonly archive: WholeArchive;
}

type Ports = Parameters<typeof openSqliteStores>[1] & {
  readonly clock: Clock;
};

const secret = "swordfish-4711";
const room = "fake:room:1";
const { signal } = new AbortController();

/** Quotes its prompt when the last message says QUOTE. */
function quoter(): ScriptedModel {
  return new ScriptedModel(async function* (prompt) {
    const all = prompt.messages.map(({ text }) => text).join(" / ");
    if (isSummaryRequest(prompt)) yield everyLineOf(all);
    else yield prompt.messages.at(-1)?.text.includes("QUOTE") === true ? `I was told: ${all}` : "Noted.";
  });
}

/** The hooks run during an erasure, around the first read of the archive. */
async function openBench(
  open: (ports: Ports) => Promise<Opened>,
  { platform = new FakePlatform(), ...meanwhile }: Meanwhile & { readonly platform?: FakePlatform } = {},
) {
  const clock = new HandClock();
  const listeners = { interruptions: new InProcessInterruptions(), broadcast: new InProcessBroadcast() };
  const opened = await open({ ids, inbounds, clock, log: new RecordingLog(), listeners });
  const { stores } = opened;
  let isForgetting = false;
  const during = async (when: keyof Meanwhile): Promise<void> => {
    const act = isForgetting ? meanwhile[when] : undefined;
    if (act === undefined) return;
    isForgetting = false;
    await act(bench);
  };
  const archive = new Proxy(opened.archive, {
    get: (target, name) => {
      if (name === "read") {
        const read: Archive["read"] = async (...given) => {
          await during("beforeRead");
          const rows = await target.read(...given);
          await during("afterRead");
          return rows;
        };
        return read;
      }
      if (name === "locationsOf") isForgetting = true;
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
  const core = openRealCore({ stores, archive, platform, model: quoter(), contextTokens: 700, clock });
  const remembered = async () => (await stores.memories.read(room, signal)).memory;
  const bench = {
    ...core,
    platform,
    clock,
    remembered,
    /** Everything in memory and archive, as text. */
    known: async () =>
      JSON.stringify([
        await remembered(),
        await opened.archive.read({ conversation: room, limit: 1_000 }, signal),
      ]),
    say: async (id: string, text: string, by: string, saidAtMs = clock.nowMs()): Promise<void> => {
      await core.accept(said(id, text, { by, saidAtMs }));
    },
    forget: async (by: string): Promise<void> => {
      await core.accept(
        command("forget", "me yes", { by, saidAtMs: clock.nowMs(), conversation: "fake:desk" }),
      );
      await core.settle();
      await core.rest();
    },
    /** Bob writes until everything before has left the window. */
    chat: async (): Promise<void> => {
      for (let index = 0; index < 20; index += 1) {
        await bench.say(`chat${index}`, `chatting on, number ${index}, ${"as people do ".repeat(20)}`, "bob");
        await core.settle();
        await core.file();
      }
      expect((await remembered())?.messages.some(({ text }) => text.includes(secret))).toBe(false);
    },
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
  return bench;
}

type Bench = Awaited<ReturnType<typeof openBench>>;

interface Meanwhile {
  readonly beforeRead?: (bench: Bench) => Promise<void>;
  readonly afterRead?: (bench: Bench) => Promise<void>;
}

/** One answer to Bob and Ada, which quotes Ada. */
async function answerBoth(bench: Bench, saidAtMs?: number): Promise<void> {
  await bench.say("bob1", "which code is it?", "bob");
  await bench.say("ada1", `QUOTE my secret is ${secret}`, "ada", saidAtMs);
  await bench.settle();
  expect(bench.platform.shown.at(-1)).toContain(secret);
}

function contract(open: (ports: Ports) => Promise<Opened>): void {
  test("erases a late message of an erased person, and answers to others that quote it", async () => {
    await using bench = await openBench(open);
    await bench.say("ada0", "hello", "ada");
    const beforeMs = bench.clock.nowMs();
    await bench.settle();
    await bench.forget("ada");
    await answerBoth(bench, beforeMs);
    await bench.file();
    await bench.chat();
    await bench.rest();
    expect(await bench.known()).not.toContain(secret);
    expect(await bench.known()).toContain("which code is it?");
    // Posts in the chat stay, as people's own messages do.
    expect(bench.platform.shown.join(" ")).toContain(secret);
  });

  test("keeps a late message out of later prompts and answers", async () => {
    await using bench = await openBench(open);
    const beforeMs = bench.clock.nowMs();
    await bench.forget("ada");
    await answerBoth(bench, beforeMs);
    await bench.file();
    await bench.settle();
    expect(JSON.stringify(await bench.remembered())).not.toContain(secret);
    await bench.rest();
    expect(await bench.known()).not.toContain(secret);
  });

  test("erases a message that is synced during the erasure, and answers to others that quote it", async () => {
    await using bench = await openBench(open, {
      afterRead: async (each) => {
        await each.file();
        await each.chat();
      },
    });
    await answerBoth(bench);
    await bench.forget("ada");
    expect(await bench.known()).not.toContain(secret);
    expect(await bench.known()).toContain("chatting on");
  });

  test("retracts an answer that quotes a backfilled author, even if the conversation erases at the same time", async () => {
    const platform = new BackfilledPlatform(`my secret is ${secret}`, 500);
    await using bench = await openBench(open, {
      platform,
      beforeRead: async (each) => {
        await each.settle();
        await each.file();
      },
    });
    await bench.say("bob1", "QUOTE it", "bob");
    await bench.settle();
    expect(platform.shown.at(-1)).toContain(secret);
    await bench.file();
    await bench.chat();
    await bench.forget("cleo");
    expect(await bench.known()).not.toContain(secret);
  });
}

describe("erasing a person in SQLite:", () => {
  contract(async (ports) => {
    const opened = new AsyncDisposableStack();
    const folder = opened.use(temporaryFolder());
    await putEmptyDatabases(folder.path);
    const stores = opened.use(await openSqliteStores(folder.path, ports));
    const archive = opened.use(await openThreadlessArchive(folder.path, ports.log));
    return { stores, archive, [Symbol.asyncDispose]: () => opened.disposeAsync() };
  });
});

describe.skipIf(redisIsMissing ?? postgresIsMissing)(
  `erasing a person in Redis and Postgres: ${redisIsMissing ?? postgresIsMissing ?? ""}`,
  () => {
    let server: RedisServer;
    let count = 0;
    const openArchive = postgresArchives();
    beforeAll(async () => {
      server = await startRedisServer();
    });
    afterAll(() => server[Symbol.asyncDispose]());

    contract(async (ports) => {
      const opened = new AsyncDisposableStack();
      const url = `${server.url}/${(count += 1)}`;
      const stores = opened.use(await openRedisStores(url, { ...ports, waitMs: 60_000 }));
      const { archive } = opened.use(await openArchive(ports));
      return { stores, archive, [Symbol.asyncDispose]: () => opened.disposeAsync() };
    });
  },
);
