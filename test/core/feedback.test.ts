import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { systemClock as clock } from "../../src/runtime/clock.ts";
import { openPostgresTurnRecords } from "../../src/storage/postgres/postgres-turn-records.ts";
import { openHotBench } from "../support/core/hot-bench.ts";
import { openRedisHotStore, openSqliteHotStore, type HotStore } from "../support/core/hot-store.ts";
import { command, deleted, rated, reworded } from "../support/core/inbounds.ts";
import { openRealCore } from "../support/core/real-core.ts";
import { RecordingLog } from "../support/core/recording-log.ts";
import { postgresArchives } from "../support/postgres/postgres-archive.ts";
import { postgresIsMissing } from "../support/postgres-database.ts";
import { redisIsMissing, startRedisServer, type RedisServer } from "../support/redis-server.ts";

const { signal } = new AbortController();
const dayMs = 86_400_000;
const secret = "swordfish-4711";

type HotBench = Awaited<ReturnType<typeof openHotBench>>;

function contract(openBench: () => Promise<HotBench>): void {
  /** A bench with two answered questions of Ada, and the turns of the answers. */
  const openAnswered = async () => {
    const bench = await openBench();
    await bench.say("q1", "who pays?");
    await bench.say("q2", "and when?");
    const replies = (await bench.memory())?.messages.filter(({ role }) => role === "bot") ?? [];
    const [first = "", second = ""] = replies.map(({ turnId }) => turnId);
    const rate = (...given: Parameters<typeof rated>) => {
      const [turn, verdict, more] = given;
      return bench.take(rated(turn, verdict, { atMs: bench.clock.nowMs(), ...more }));
    };
    /** Syncs, and lets the next turn drop what the archive has. */
    const fileAll = async (): Promise<void> => {
      for (let round = 0; round < 2; round += 1) {
        await bench.file();
        await bench.core().settle();
      }
      await bench.file();
    };
    return Object.assign(bench, { first, second, rate, fileAll });
  };

  test("is stored once for each person and turn, with the newest verdict and its reason", async () => {
    await using bench = await openAnswered();
    const { first, second, rate } = bench;
    await rate(first, "down", { by: "bob" });
    await rate(first, "down", { by: "bob", reason: "too long" });
    await bench.fileAll();
    await rate(first, "down", { by: "bob" });
    await rate(first, "up", { by: "cy" });
    await rate(second, "down", { reason: "wrong" });
    await rate(second, "up");
    await rate(second, "down");
    await bench.fileAll();
    expect(await bench.rated()).toEqual(["ada down - q2", "bob down too long q1", "cy up - q1"]);
    await rate(first, "up", { by: "bob" });
    await rate(second, "down", { reason: "x".repeat(5_000) });
    await bench.fileAll();
    const [long, ...others] = await bench.rated();
    expect(others).toEqual(["bob up - q1", "cy up - q1"]);
    expect(long?.length).toBeLessThan(1_100);
  });

  test("counts once when it is delivered twice, or twice synced", async () => {
    await using bench = await openAnswered();
    const press = rated(bench.first, "down", { reason: "wrong", atMs: bench.clock.nowMs() });
    await bench.take(press);
    expect(await bench.core().accept(press)).toBe("duplicate");
    await bench.take({ ...press, dedupeId: "another transport" });
    expect((await bench.memory())?.feedback).toHaveLength(1);
    const memory = await bench.memory();
    const { feedback = [] } = memory ?? {};
    await bench.file();
    const batch = { conversation: press.conversation, platform: "fake", place: "room", messages: [] };
    await bench.archivedConversations.sync({ ...batch, erasures: [], feedback }, signal);
    expect(await bench.rated()).toEqual(["ada down wrong q1"]);
  });

  test("asks no model, shows nothing, and changes neither the list nor what is remembered", async () => {
    await using bench = await openAnswered();
    await bench.file();
    const { directory } = bench.core().ports;
    const prompts = bench.model.prompts.length;
    const visible = () => JSON.stringify([bench.platform.shown, bench.platform.told]);
    const seen = visible();
    const [listed, before] = [await directory.recent("fake", "room", 9, signal), await bench.memory()];
    bench.clock.pass(60_000);
    await bench.rate(bench.first, "down", { by: "eve", reason: secret });
    await bench.fileAll();
    const after = await bench.memory();
    expect(after).toEqual({ ...before, revision: after?.revision, records: undefined });
    expect(await directory.recent("fake", "room", 9, signal)).toEqual(listed);
    expect(bench.model.prompts).toHaveLength(prompts);
    expect(visible()).toBe(seen);
    await bench.say("q3", "and where?");
    expect(bench.prompt()).not.toContain(secret);
    expect(JSON.stringify(bench.core().log.lines)).not.toContain(secret);
  });

  test("leaves the hot store once the archive has it", async () => {
    await using bench = await openAnswered();
    await bench.rate(bench.first, "down", { by: "eve", reason: secret });
    expect(await bench.hot.holds()).toContain(secret);
    await bench.file();
    const archived = await bench.archivedConversations.findConversation("fake:room:1", signal);
    expect(JSON.stringify(archived?.head)).not.toContain(secret);
    await bench.fileAll();
    expect(await bench.hot.holds()).not.toMatch(/swordfish|"eve"/u);
    expect(await bench.rated()).toEqual([`eve down ${secret} q1`]);
  });

  test("is dropped if its turn is unknown, or of another conversation", async () => {
    await using bench = await openAnswered();
    await bench.say("q9", "hello", { conversation: "fake:room:2" });
    await bench.file();
    await bench.rate("nonsense", "up");
    await bench.rate(bench.first, "down", { conversation: "fake:room:2", reason: secret });
    await bench.fileAll();
    expect(await bench.rated()).toEqual([]);
    expect(await bench.hot.holds()).not.toContain(secret);
  });

  test.each(["before", "after"])("goes with the question, deleted %s the sync", async (when) => {
    await using bench = await openAnswered();
    await bench.rate(bench.first, "down", { by: "bob", reason: secret });
    await bench.rate(bench.second, "up", { by: "bob" });
    if (when === "after") await bench.fileAll();
    await bench.take(deleted("q1"));
    expect(JSON.stringify(await bench.memory())).not.toContain(secret);
    await bench.fileAll();
    expect(await bench.rated()).toEqual(["bob up - q2"]);
    await bench.rate(bench.first, "down", { by: "bob", reason: secret });
    await bench.fileAll();
    expect(await bench.rated()).toEqual(["bob up - q2"]);
    expect(await bench.hot.holds()).not.toContain(secret);
  });

  test.each(["before", "after"])(
    "of a person who wrote nothing goes with /forget me, %s the sync",
    async (when) => {
      await using bench = await openAnswered();
      await bench.rate(bench.first, "down", { by: "eve", reason: secret });
      await bench.rate(bench.second, "up", { by: "bob" });
      if (when === "after") await bench.fileAll();
      bench.clock.pass(1_000);
      const conversation = "fake:room:2";
      const saidAtMs = bench.clock.nowMs();
      await bench.take(command("forget", "me yes", { conversation, by: "eve", saidAtMs }));
      await bench.core().rest();
      expect(await bench.rated()).toEqual(["bob up - q2"]);
      expect(await bench.hot.holds()).not.toContain(secret);
      bench.clock.pass(1_000);
      await bench.rate(bench.first, "up", { by: "eve" });
      await bench.fileAll();
      expect(await bench.rated()).toEqual(["bob up - q2", "eve up - q1"]);
    },
  );

  test("goes with the person who asked, and with the conversation", async () => {
    await using bench = await openAnswered();
    await bench.say("b1", "hello", { by: "bob" });
    const turn = (await bench.memory())?.messages.findLast(({ role }) => role === "bot")?.turnId ?? "";
    await bench.rate(bench.first, "down", { by: "eve", reason: secret });
    await bench.rate(turn, "down", { by: "eve", reason: "other" });
    bench.clock.pass(1_000);
    await bench.take(command("forget", "me yes", { saidAtMs: bench.clock.nowMs() }));
    await bench.core().rest();
    expect(await bench.rated()).toEqual(["eve down other b1"]);
    await bench.rate(turn, "down", { by: "cy", reason: secret });
    await bench.take({
      kind: "erased",
      conversation: "fake:room:1",
      platform: "fake",
      place: "room",
      dedupeId: "all",
    });
    await bench.core().rest();
    expect(await bench.rated()).toEqual([]);
    expect(await bench.hot.holds()).not.toContain(secret);
  });

  test("survives a restart before its sync, and a process that ends between the sync and its mark", async () => {
    await using bench = await openAnswered();
    await bench.core().accept(rated(bench.first, "down", { reason: "wrong", atMs: bench.clock.nowMs() }));
    bench.restart();
    await bench.core().schedule("fake:room:1");
    bench.restart();
    const { outbox } = bench.hot.stores;
    const [state] = await outbox.states(["fake:room:1"], signal);
    await bench.file();
    expect(await bench.rated()).toEqual(["ada down wrong q1"]);
    const feedback = (await bench.memory())?.feedback ?? [];
    expect(feedback.every(({ revision }) => revision > (state?.syncedRevision ?? 0))).toBe(true);
    await bench.fileAll();
    expect(await bench.rated()).toEqual(["ada down wrong q1"]);
    expect((await bench.memory())?.feedback).toBeUndefined();
  });

  test("of two people at two replicas is stored from both", async () => {
    await using bench = await openAnswered();
    const other = openRealCore({
      stores: bench.hot.stores,
      archive: bench.archivedConversations,
      platform: bench.platform,
      model: bench.model,
      clock: bench.clock,
      contextTokens: 4_000,
    });
    const atMs = bench.clock.nowMs();
    const presses = ["bob", "cy"].map((by) => rated(bench.first, "up", { by, atMs }));
    await Promise.all(presses.map((press, at) => (at === 0 ? bench.core() : other).accept(press)));
    await bench.core().settle();
    await other.settle();
    await bench.fileAll();
    expect(await bench.rated()).toEqual(["bob up - q1", "cy up - q1"]);
  });

  test("restores a conversation that only the archive has, which leaves the hot store again", async () => {
    await using bench = await openAnswered();
    await bench.fileAll();
    bench.clock.pass(22 * dayMs);
    await bench.core().chore("rest");
    expect(await bench.memory()).toBeUndefined();
    await bench.rate(bench.first, "down", { by: "bob", reason: "old, and wrong" });
    await bench.fileAll();
    expect(await bench.rated()).toEqual(["bob down old, and wrong q1"]);
    await bench.core().chore("rest");
    expect(await bench.memory()).toBeUndefined();
  });

  test("of an answer that was replaced stays with its turn", async () => {
    await using bench = await openAnswered();
    await bench.rate(bench.first, "down", { reason: "wrong" });
    bench.clock.pass(1_000);
    await bench.take(reworded("q1", "who pays for the party?"));
    const renewed = (await bench.memory())?.messages.find(({ answers }) => answers.includes("q1"))?.turnId;
    expect(renewed).not.toBe(bench.first);
    await bench.rate(renewed ?? "", "up");
    await bench.fileAll();
    expect(await bench.rated()).toEqual(["ada down wrong q1", "ada up - q1"]);
  });

  test("waits for an archive that is away, the newest 50 of a conversation", async () => {
    await using bench = await openAnswered();
    await bench.file();
    bench.breaker.isDown = true;
    for (let count = 10; count < 62; count += 1) await bench.rate(bench.first, "up", { by: `p${count}` });
    expect((await bench.memory())?.feedback).toHaveLength(50);
    bench.breaker.isDown = false;
    await bench.fileAll();
    const all = await bench.rated();
    expect(all).toHaveLength(50);
    expect([all[0], all.at(-1)]).toEqual(["p12 up - q1", "p61 up - q1"]);
  });

  test("is kept of a backup that went on while the archive was away, and newer verdicts win", async () => {
    await using bench = await openAnswered();
    await bench.rate(bench.first, "up", { by: "bob" });
    const putBack = await bench.hot.backUp();
    await bench.rate(bench.first, "down", { by: "bob", reason: "on second thoughts" });
    await bench.say("q3", "and where?");
    await bench.fileAll();
    await putBack();
    bench.restart();
    bench.breaker.isDown = true;
    await bench.rate(bench.second, "down", { by: "cy", reason: "meanwhile" });
    bench.breaker.isDown = false;
    await bench.say("q4", "hello?");
    await bench.fileAll();
    expect(await bench.rated()).toEqual(["bob down on second thoughts q1", "cy down meanwhile q2"]);
  });
}

describe("feedback in SQLite", () => {
  contract(() => openHotBench(openSqliteHotStore));
});

describe.skipIf(redisIsMissing ?? postgresIsMissing)(
  `feedback in Redis and Postgres ${redisIsMissing ?? postgresIsMissing ?? ""}`,
  () => {
    let server: RedisServer;
    let count = 0;
    const openArchive = postgresArchives();
    beforeAll(async () => {
      server = await startRedisServer("--databases", "64");
    });
    afterAll(() => server[Symbol.asyncDispose]());
    const openHot = (): Promise<HotStore> => openRedisHotStore(`${server.url}/${(count += 1)}`);
    const openBoth = async () => {
      const opened = new AsyncDisposableStack();
      const { archive, url } = opened.use(await openArchive());
      const records = opened.use(openPostgresTurnRecords(url, { clock, log: new RecordingLog() }));
      return { archive, records, [Symbol.asyncDispose]: () => opened.disposeAsync() };
    };
    contract(() => openHotBench(openHot, { openArchive: openBoth }));
  },
);
