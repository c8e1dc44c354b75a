import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { ConversationKey } from "../../src/domain/conversation.ts";
import type { Inbound } from "../../src/domain/inbound.ts";
import { ModelError } from "../../src/ports/model.ts";
import { aborted } from "../support/core/halting-world.ts";
import { HandClock } from "../support/core/hand-clock.ts";
import { openRedisHotStore, openSqliteHotStore, type HotStore } from "../support/core/hot-store.ts";
import { InMemoryArchive } from "../support/core/in-memory-archive.ts";
import { deleted, said, stopped } from "../support/core/inbounds.ts";
import { openKillableCore } from "../support/core/killable-core.ts";
import { ScriptedModel } from "../support/core/scripted-model.ts";
import { WorkingScreen } from "../support/core/working-screen.ts";
import { redisIsMissing, startRedisServer, type RedisServer } from "../support/redis-server.ts";

const patiently = { timeout: 60_000, interval: 5 };
const conversation: ConversationKey = "fake:room:1";

/** Processes over the same stores. The model answers, or writes a little and then no more, or is away. */
async function openWorld(openHot: () => Promise<HotStore>, does: "answer" | "halt" | "fail") {
  const opened = new AsyncDisposableStack();
  const hot = opened.use(await openHot());
  opened.defer(async () => void (await hot.lose()));
  const screen = new WorkingScreen();
  const model = new ScriptedModel(async function* (_prompt, given) {
    yield "An answer";
    if (does === "halt") await aborted(given);
    if (does === "fail") throw new ModelError("unreachable", "away");
  });
  const ports = { stores: hot.stores, archive: new InMemoryArchive(), model, clock: new HandClock() };
  return {
    screen,
    start: (diesBefore?: number) => openKillableCore({ ...ports, platform: screen.ofProcess() }, diesBefore),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

function contract(openHot: () => Promise<HotStore>): void {
  test("no conversation stays shown as worked on, wherever the process is killed", async () => {
    for (let [step, isWhole] = [0, false]; !isWhole; step += 1) {
      await using world = await openWorld(openHot, "answer");
      const dying = world.start(step);
      isWhole = (await dying.accept(said("a", "one"))) && (await dying.settle());
      const next = world.start();
      await next.accept(said("a", "one"));
      await next.sweep([conversation]);
      await next.settle();
      const killedAfter = dying.calls.at(-1);
      const { statuses } = world.screen;
      expect({ killedAfter, last: statuses.at(-1) }).toEqual({ killedAfter, last: "resting" });
      expect(world.screen.platform.shown).toEqual(["An answer"]);
    }
  });

  const ways: readonly (readonly [string, (turn: string) => Inbound])[] = [
    ["stopped", (turn) => stopped({ turn })],
    ["deleted with its question", () => deleted("a")],
  ];
  test.each(ways)("nor one whose answer is %s after the process was killed", async (_way, endsIt) => {
    await using world = await openWorld(openHot, "halt");
    const dying = world.start();
    await dying.accept(said("a", "one"));
    void dying.settle();
    await expect.poll(() => world.screen.platform.shown, patiently).toEqual(["An answer"]);
    dying.dieAfter(0);
    const next = world.start();
    await next.accept(endsIt(world.screen.platform.posts.at(-1)?.post.turn ?? "none"));
    await next.sweep([conversation]);
    await next.settle();
    expect(world.screen.statuses).toContain("working");
    expect(world.screen.statuses.at(-1)).toBe("resting");
  });
}

describe("with SQLite", () => {
  contract(openSqliteHotStore);

  test("a turn that waits for the model is not shown as worked on", async () => {
    await using world = await openWorld(openSqliteHotStore, "fail");
    const core = world.start();
    await core.accept(said("a", "one"));
    await core.settle();
    expect(world.screen.statuses).toEqual(["working", "resting"]);
  });
});

describe.skipIf(redisIsMissing)("with Redis", () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedisServer();
  });
  afterAll(() => server[Symbol.asyncDispose]());
  contract(() => openRedisHotStore(server.url));
});
