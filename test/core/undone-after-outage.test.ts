import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { ConversationKey } from "../../src/domain/conversation.ts";
import { openHotBench } from "../support/core/hot-bench.ts";
import { openRedisHotStore, openSqliteHotStore, type HotStore } from "../support/core/hot-store.ts";
import { command, deleted } from "../support/core/inbounds.ts";
import { postgresArchives } from "../support/postgres/postgres-archive.ts";
import { postgresIsMissing } from "../support/postgres-database.ts";
import { redisIsMissing, startRedisServer, type RedisServer } from "../support/redis-server.ts";

const key: ConversationKey = "fake:room:1";
const signal = AbortSignal.timeout(600_000);
const hourMs = 3_600_000;

type Bench = Awaited<ReturnType<typeof openHotBench>>;
type Options = NonNullable<Parameters<typeof openHotBench>[1]>;

const order = ({ take, clock }: Bench, name: string, argument: string): Promise<void> =>
  take(command(name, argument, { saidAtMs: clock.nowMs() }));

/** Messages of two people, so that a deletion of their conversation can be undone. */
async function openTalk(open: () => Promise<HotStore>, options: Options): Promise<Bench> {
  const bench = await openHotBench(open, options);
  await bench.say("m1", "the code is swordfish");
  await bench.say("m2", "the color is mauve", { by: "grace" });
  return bench;
}

/** Loses the hot store's latest writes, which the archive has, and makes the archive unreachable. */
async function rollBack(bench: Bench, putBack: () => Promise<unknown>): Promise<void> {
  await putBack();
  bench.restart();
  bench.breaker.isDown = true;
  bench.clock.pass(60_000);
}

/** Orders something. Then the hot store loses the message after it, which the archive has, and the archive is unreachable. */
async function orderBeforeLoss(bench: Bench, name: string, argument: string): Promise<void> {
  await order(bench, name, argument);
  await bench.file();
  const putBack = await bench.hot.backUp();
  await bench.say("m3", "the animal is okapi");
  await bench.file();
  await rollBack(bench, putBack);
}

/** Which of the old messages recall hides. */
const hidden = async ({ hot }: Bench) => [
  ...(await hot.stores.delayedErasures.cutoffs([key], signal)).keys(),
];

async function lapse(bench: Bench): Promise<void> {
  bench.clock.pass(25 * hourMs);
  await bench.core().chore("lapse");
  await bench.core().settle();
  await bench.file();
  await bench.core().chore("lapse");
}

const kinds = [
  ["a deletion", "forget", "this yes"],
  ["a reset", "reset", "yes"],
] as const;

/** A store whose finish of turns can be made to fail, as that of a process that dies before it. */
async function openMortal(open: () => Promise<HotStore>) {
  const hot = await open();
  const life = { isDying: false };
  const journal = new Proxy(hot.stores.journal, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== "function") return member;
      if (name === "finish" && life.isDying) return () => new Promise(() => undefined);
      return member.bind(target);
    },
  });
  return { life, hot: { ...hot, stores: { ...hot.stores, journal } } };
}

function contract(open: () => Promise<HotStore>, options: Options = {}): void {
  test.each(
    kinds.flatMap(([what, ...kind]) => [
      [what, "before", ...kind] as const,
      [what, "after", ...kind] as const,
    ]),
  )(
    "%s stays undone if the process dies when it has said so, and the archive comes back %s another takes over",
    async (_what, when, name, argument) => {
      const { life, hot } = await openMortal(open);
      await using bench = await openTalk(async () => hot, options);
      await orderBeforeLoss(bench, name, argument);
      life.isDying = true;
      void order(bench, name, "undo");
      await expect.poll(() => bench.platform.shown.at(-1), { timeout: 60_000 }).toMatch(/Undone/u);
      life.isDying = false;
      bench.restart();
      if (when === "before") bench.breaker.isDown = false;
      await bench.core().schedule(key);
      bench.breaker.isDown = false;
      await bench.say("m4", "what do you know?");
      expect(bench.prompt()).toMatch(/swordfish[^]*mauve[^]*okapi/u);
      expect(bench.platform.shown.filter((text) => text.includes("Undone"))).toHaveLength(1);
      expect(await hidden(bench)).toEqual([]);
    },
  );

  test("a deletion stays undone if another process takes over when its time has ended", async () => {
    const { life, hot } = await openMortal(open);
    await using bench = await openTalk(async () => hot, options);
    await order(bench, "forget", "this yes");
    await bench.file();
    life.isDying = true;
    void order(bench, "forget", "undo");
    await expect.poll(() => bench.platform.shown.at(-1), { timeout: 60_000 }).toMatch(/Undone/u);
    life.isDying = false;
    bench.restart();
    await lapse(bench);
    await bench.say("m4", "what do you know?");
    expect(bench.prompt()).toMatch(/swordfish[^]*mauve/u);
    await bench.file();
    expect(JSON.stringify(await bench.rows())).toMatch(/swordfish[^]*mauve/u);
    expect(await hidden(bench)).toEqual([]);
  });

  test.each(
    kinds.flatMap(([what, ...kind]) => [
      [what, "a turn", ...kind] as const,
      [what, "the sync", ...kind] as const,
    ]),
  )(
    "%s that was undone while the archive was unavailable stays undone when the store lost writes before and %s comes first",
    async (_what, first, name, argument) => {
      await using bench = await openTalk(open, options);
      await orderBeforeLoss(bench, name, argument);
      await order(bench, name, "undo");
      expect(bench.platform.shown.at(-1)).toMatch(/Undone/u);
      bench.breaker.isDown = false;
      if (first === "the sync") await bench.file();
      await bench.say("m4", "what do you know?");
      expect(bench.prompt()).toMatch(/swordfish[^]*mauve[^]*okapi/u);
      expect((await bench.memory())?.speakers.map(({ id }) => id).toSorted()).toEqual(["ada", "grace"]);
      expect(await hidden(bench)).toEqual([]);
      await bench.file();
      await bench.hot.lose();
      bench.restart();
      await bench.say("m5", "and now?");
      expect(bench.prompt()).toMatch(/swordfish[^]*mauve[^]*okapi/u);
      await lapse(bench);
      expect(JSON.stringify(await bench.rows())).toMatch(/swordfish[^]*mauve[^]*okapi/u);
    },
  );

  test.each(kinds)(
    "%s stays undone if the same was ordered and undone again while the archive was unavailable",
    async (_what, name, argument) => {
      await using bench = await openTalk(open, options);
      await orderBeforeLoss(bench, name, argument);
      await order(bench, name, "undo");
      await bench.say("m4", "the fruit is quince");
      await order(bench, name, argument);
      await order(bench, name, "undo");
      bench.breaker.isDown = false;
      await bench.say("m5", "what do you know?");
      expect(bench.prompt()).toMatch(/swordfish[^]*mauve[^]*okapi[^]*quince/u);
      expect(await hidden(bench)).toEqual([]);
    },
  );

  test.each(kinds)(
    "%s that was undone and ordered again while the archive was unavailable holds, and can be undone",
    async (_what, name, argument) => {
      await using bench = await openTalk(open, options);
      await orderBeforeLoss(bench, name, argument);
      await order(bench, name, "undo");
      await order(bench, name, argument);
      await bench.say("m4", "the fruit is quince");
      bench.breaker.isDown = false;
      await bench.say("m5", "what do you know?");
      expect(bench.prompt()).toContain("quince");
      expect(bench.prompt()).not.toMatch(/swordfish|mauve/u);
      await order(bench, name, "undo");
      await bench.say("m6", "and now?");
      expect(bench.prompt()).toMatch(/swordfish[^]*mauve[^]*quince/u);
    },
  );

  test.each(kinds)(
    "%s that the archive knows as undone is not made again by an older record",
    async (_what, name, argument) => {
      await using bench = await openTalk(open, options);
      await order(bench, name, argument);
      const putBack = await bench.hot.backUp();
      await order(bench, name, "undo");
      await bench.file();
      await rollBack(bench, putBack);
      await bench.say("m3", "the animal is okapi");
      bench.breaker.isDown = false;
      await bench.say("m4", "what do you know?");
      expect(bench.prompt()).toMatch(/swordfish[^]*mauve[^]*okapi/u);
      expect(await hidden(bench)).toEqual([]);
      await lapse(bench);
      expect(JSON.stringify(await bench.rows())).toMatch(/swordfish[^]*mauve[^]*okapi/u);
    },
  );

  test("a deletion that was completed in an outage holds, although a later one was undone", async () => {
    await using bench = await openTalk(open, options);
    await orderBeforeLoss(bench, "forget", "this yes");
    bench.clock.pass(25 * hourMs);
    // It can't ask the archive yet whether all is erased there.
    await bench
      .core()
      .chore("lapse")
      .catch(() => undefined);
    await bench.core().settle();
    await bench.say("m4", "the bird is hoopoe");
    await bench.say("m5", "the fruit is quince", { by: "grace" });
    await order(bench, "forget", "this yes");
    await order(bench, "forget", "undo");
    expect(bench.platform.shown.at(-1)).toMatch(/Undone/u);
    bench.breaker.isDown = false;
    await bench.say("m6", "what do you know?");
    expect(bench.prompt()).toMatch(/hoopoe[^]*quince/u);
    expect(bench.prompt()).not.toMatch(/swordfish|mauve/u);
    await lapse(bench);
    const rows = JSON.stringify(await bench.rows());
    expect(rows).toMatch(/hoopoe[^]*quince/u);
    expect(rows).not.toMatch(/swordfish|mauve/u);
  });

  test("a deletion that the archive knows as undone is not completed by an older record, even in an outage", async () => {
    await using bench = await openTalk(open, options);
    await order(bench, "forget", "this yes");
    const putBack = await bench.hot.backUp();
    await order(bench, "forget", "undo");
    await bench.file();
    await rollBack(bench, putBack);
    bench.clock.pass(25 * hourMs);
    await bench.core().chore("lapse");
    await bench.core().settle();
    bench.breaker.isDown = false;
    await bench.file();
    await bench.core().settle();
    await bench.file();
    expect(JSON.stringify(await bench.rows())).toMatch(/swordfish[^]*mauve/u);
    await bench.say("m4", "what do you know?");
    expect(bench.prompt()).toMatch(/swordfish[^]*mauve/u);
    await lapse(bench);
    expect(JSON.stringify(await bench.rows())).toMatch(/swordfish[^]*mauve/u);
  });

  test.each(kinds)(
    "%s that was undone in the last second stays undone when the store loses that second",
    async (_what, name, argument) => {
      await using bench = await openTalk(open, options);
      await order(bench, name, argument);
      await bench.file();
      const putBack = await bench.hot.backUp();
      await order(bench, name, "undo");
      await bench.file();
      await putBack();
      bench.restart();
      await bench.say("m3", "what do you know?");
      expect(bench.prompt()).toMatch(/swordfish[^]*mauve/u);
      expect(await hidden(bench)).toEqual([]);
    },
  );

  test("a deletion that was undone in the last second is not hidden from recall for ever, even if no one writes", async () => {
    await using bench = await openTalk(open, options);
    await order(bench, "forget", "this yes");
    await bench.file();
    const putBack = await bench.hot.backUp();
    await order(bench, "forget", "undo");
    await bench.file();
    await putBack();
    bench.restart();
    await lapse(bench);
    expect(await hidden(bench)).toEqual([]);
    expect(JSON.stringify(await bench.rows())).toMatch(/swordfish[^]*mauve/u);
    expect(bench.core().log.lines.filter(({ level }) => level === "error")).toEqual([]);
  });

  test.each(kinds)(
    "%s can be undone with all its messages after the store lost everything",
    async (_what, name, argument) => {
      await using bench = await openTalk(open, options);
      await order(bench, name, argument);
      await bench.file();
      await bench.hot.lose();
      bench.restart();
      await bench.core().chore("mark");
      await bench.say("m3", "the animal is okapi");
      expect(bench.prompt()).not.toMatch(/swordfish|mauve/u);
      await order(bench, name, "undo");
      await bench.say("m4", "what do you know?");
      expect(bench.prompt()).toMatch(/swordfish[^]*mauve[^]*okapi/u);
      expect(await hidden(bench)).toEqual([]);
    },
  );

  test("an undo that the archive lacks is not hidden by an index that is made again", async () => {
    await using bench = await openTalk(open, options);
    await order(bench, "forget", "this yes");
    await bench.file();
    await order(bench, "forget", "undo");
    await bench.core().chore("mark");
    expect(await hidden(bench)).toEqual([]);
  });

  test("an undo brings back nothing that was deleted apart from it", async () => {
    await using bench = await openTalk(open, options);
    await bench.say("m3", "the animal is okapi");
    await order(bench, "forget", "this yes");
    await bench.file();
    const putBack = await bench.hot.backUp();
    await bench.take(deleted("m1"));
    await bench.file();
    await rollBack(bench, putBack);
    await bench.take(deleted("m3"));
    await order(bench, "forget", "undo");
    bench.breaker.isDown = false;
    await bench.say("m4", "what do you know?");
    expect(bench.prompt()).toContain("mauve");
    expect(bench.prompt()).not.toMatch(/swordfish|okapi/u);
    await bench.file();
    expect(JSON.stringify([await bench.rows(), await bench.memory()])).not.toMatch(/swordfish|okapi/u);
  });

  test("an undo brings back nothing that was deleted for good after it", async () => {
    await using bench = await openTalk(open, options);
    await orderBeforeLoss(bench, "forget", "this yes");
    await order(bench, "forget", "undo");
    await order(bench, "forget", "this yes");
    bench.clock.pass(25 * hourMs);
    await bench.core().chore("lapse");
    await bench.core().settle();
    bench.breaker.isDown = false;
    await bench.say("m4", "what do you know?");
    await lapse(bench);
    expect(JSON.stringify([await bench.rows(), await bench.memory()])).not.toMatch(/swordfish|mauve/u);
    expect(bench.prompt()).not.toMatch(/swordfish|mauve/u);
  });
}

describe("an undo around an outage of the archive, in SQLite", () => {
  contract(openSqliteHotStore);
});

describe.skipIf(redisIsMissing ?? postgresIsMissing)(
  `an undo around an outage of the archive, in Redis and Postgres ${redisIsMissing ?? postgresIsMissing ?? ""}`,
  () => {
    let server: RedisServer;
    let count = 0;
    beforeAll(async () => {
      server = await startRedisServer("--databases", "100");
    });
    afterAll(() => server[Symbol.asyncDispose]());
    const openArchive = postgresArchives();
    contract(() => openRedisHotStore(`${server.url}/${(count += 1)}`), { openArchive });
  },
);
