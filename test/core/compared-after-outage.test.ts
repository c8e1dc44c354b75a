import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { openHotBench } from "../support/core/hot-bench.ts";
import { openRedisHotStore, openSqliteHotStore, type HotStore } from "../support/core/hot-store.ts";
import { command, deleted, edited, erased } from "../support/core/inbounds.ts";
import { postgresArchives } from "../support/postgres/postgres-archive.ts";
import { postgresIsMissing } from "../support/postgres-database.ts";
import { redisIsMissing, startRedisServer, type RedisServer } from "../support/redis-server.ts";

type Bench = Awaited<ReturnType<typeof openHotBench>>;
type Options = NonNullable<Parameters<typeof openHotBench>[1]>;

const elsewhere = { conversation: "fake:room:2" } as const;
const order = ({ take, clock }: Bench, name: string, argument: string): Promise<void> =>
  take(command(name, argument, { saidAtMs: clock.nowMs() }));

const changes: readonly (readonly [what: string, (bench: Bench) => Promise<void>])[] = [
  ["a deleted message", ({ take }) => take(deleted("m1"))],
  ["the old text of an edited message", ({ take }) => take(edited("m1", "the code is secret"))],
  ["the messages before a reset", (bench) => order(bench, "reset", "yes")],
  ["a conversation that will be deleted", (bench) => order(bench, "forget", "this yes")],
];

const cases = changes.flatMap(
  ([what, change]) =>
    [
      [what, "a turn comes first", change],
      [what, "the sync comes first", change],
    ] as const,
);

function contract(open: () => Promise<HotStore>, options: Options = {}): void {
  test.each(cases)(
    "shows %s to no model once the archive is back, in a conversation that was used in between, if %s",
    async (_what, first, change) => {
      await using bench = await openHotBench(open, options);
      await bench.say("m1", "the code is swordfish");
      await bench.say("m2", "hello", { by: "grace" });
      await bench.file();
      const putBack = await bench.hot.backUp();
      await change(bench);
      await bench.file();
      await putBack();
      bench.restart();
      bench.breaker.isDown = true;
      bench.clock.pass(60_000);
      await bench.say("m3", "hello again");
      await bench.say("m4", "the fruit is quince");
      await bench.say("x1", "the animal is okapi", elsewhere);
      bench.breaker.isDown = false;
      if (first === "the sync comes first") await bench.file();
      await bench.say("x2", "what do you know?", elsewhere);
      await bench.say("m5", "what do you know?");
      expect(bench.prompt()).not.toContain("swordfish");
      expect(bench.prompt()).toContain("quince");
      await bench.file();
      expect((await bench.memory())?.uncompared).toBeUndefined();
      const ids = (await bench.rows()).map(({ id }) => id);
      expect(ids).toEqual(expect.arrayContaining(["m3", "m4", "m5"]));
      expect(new Set(ids).size).toBe(ids.length);
    },
  );

  test("erases for good what the archive has of a conversation that was deleted in between", async () => {
    await using bench = await openHotBench(open, options);
    await bench.say("m1", "the code is swordfish");
    await bench.file();
    const putBack = await bench.hot.backUp();
    await bench.say("m2", "the color is mauve");
    await bench.say("m3", "the animal is okapi");
    await bench.file();
    await putBack();
    bench.restart();
    bench.breaker.isDown = true;
    bench.clock.pass(60_000);
    await bench.say("m4", "the fruit is quince");
    await bench.take(erased());
    bench.breaker.isDown = false;
    await bench.file();
    await bench.core().settle();
    await bench.file();
    expect(await bench.rows()).toEqual([]);
    await bench.say("m5", "what do you know?");
    expect(bench.prompt()).not.toMatch(/swordfish|mauve|okapi|quince/u);
    await bench.file();
    expect((await bench.rows()).map(({ role }) => role)).toEqual(["person", "bot"]);
  });

  test.each(["a turn comes first", "the sync comes first"])(
    "changes nothing in a conversation that was used during an outage, if the store lost nothing and %s",
    async (first) => {
      await using bench = await openHotBench(open, options);
      await bench.say("m1", "the code is swordfish");
      await bench.file();
      bench.restart();
      bench.breaker.isDown = true;
      await bench.say("m2", "hello again");
      bench.breaker.isDown = false;
      if (first === "the sync comes first") {
        await bench.file();
        bench.restart();
      }
      const { revision = 0, messages = [] } = (await bench.memory()) ?? {};
      bench.core().log.lines.length = 0;
      await bench.say("m3", "what do you know?");
      expect(JSON.stringify(bench.core().log.lines)).not.toContain("restored");
      const after = await bench.memory();
      expect(after?.messages.slice(0, messages.length)).toEqual(messages);
      expect(after?.revision).toBeGreaterThan(revision);
      await bench.file();
      expect((await bench.rows()).map(({ id }) => id)).toEqual(expect.arrayContaining(["m1", "m2", "m3"]));
      expect(await bench.hot.stores.outbox.pending(9, AbortSignal.timeout(60_000))).toEqual([]);
      expect(after).not.toHaveProperty("uncompared");
    },
  );
}

describe("a conversation that was used while the archive was unavailable, in SQLite", () => {
  contract(openSqliteHotStore);
});

describe.skipIf(redisIsMissing ?? postgresIsMissing)(
  `a conversation that was used while the archive was unavailable, in Redis and Postgres ${redisIsMissing ?? postgresIsMissing ?? ""}`,
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
