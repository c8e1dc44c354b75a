import { describe, expect, test } from "vitest";

import { AppCalls } from "../../../src/conversation/addressing/app-calls.ts";
import { storeWith } from "../../../src/conversation/accept.ts";
import { RecentlyAccepted } from "../../../src/conversation/archive/recently-accepted.ts";
import { archivedStores } from "../../../src/conversation/archive/archived-stores.ts";
import type { Inbound } from "../../../src/domain/inbound.ts";
import { InboxError, type Acceptance } from "../../../src/ports/inbox.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { coreSettings } from "../../support/core/core-settings.ts";
import { ScriptedModel } from "../../support/core/scripted-model.ts";
import { settingsAtWith } from "../../../src/conversation/settings/settings-at.ts";
import { openRedisHotStore } from "../../support/core/hot-store.ts";
import { HandClock } from "../../support/core/hand-clock.ts";
import { answerPress, deleted, said } from "../../support/core/inbounds.ts";
import { InMemoryArchive } from "../../support/core/in-memory-archive.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import { beginToLose } from "../../support/lost-second.ts";
import { redisIsMissing, startRedisServer } from "../../support/redis-server.ts";

const { signal } = new AbortController();
const conversation = "fake:room:1";

/** The front door of one replica. */
async function openReplica(url: string, { clock = systemClock }: { readonly clock?: Clock } = {}) {
  const hot = await openRedisHotStore(url);
  const archive = new InMemoryArchive();
  const log = new RecordingLog();
  const kept = archivedStores(hot.stores, archive, { countTokens: (text) => text.length, clock, log });
  const settingsAt = settingsAtWith({
    ...coreSettings(),
    models: { named: () => new ScriptedModel() },
    platforms: new Map(),
  });
  const appCalls = new AppCalls({ clock, log });
  const store = storeWith({
    ...kept,
    answerWithinMs: 3_600_000,
    settingsAt,
    appCalls,
    clock,
    commands: [],
    runsApart: () => false,
  });
  return {
    log,
    /** As a platform does that delivers again what was not taken. */
    accept: async (inbound: Inbound): Promise<Acceptance> => {
      for (;;) {
        try {
          return await store(inbound, signal);
        } catch {
          await systemClock.sleep(20, signal);
        }
      }
    },
    waiting: async (): Promise<readonly string[]> =>
      (await kept.inbox.waiting(conversation, signal)).map(({ inbound }) =>
        inbound.kind === "said" ? inbound.message.id : inbound.kind,
      ),
    [Symbol.asyncDispose]: () => hot[Symbol.asyncDispose](),
  };
}

describe.skipIf(redisIsMissing)(
  `a Redis that comes back without its last second ${redisIsMissing ?? ""}`,
  () => {
    test("receives its last inbounds again, once and in order, from the replica that accepted them", async () => {
      await using redis = await startRedisServer();
      await using one = await openReplica(redis.url);
      await one.accept(said("m1", "hello"));
      const lossy = beginToLose(redis);
      await one.accept(said("m2", "what is new?"));
      await one.accept(deleted("m1"));
      await one.accept(answerPress("approve", "r1"));
      await lossy.kill();
      await lossy.start();
      await one.accept(said("m3", "and since then?"));
      expect(await one.waiting()).toEqual(["m1", "m2", "deleted", "pressed", "m3"]);
      expect(one.log.lines).toContainEqual(expect.objectContaining({ facts: { messages: 3 } }));
      expect(JSON.stringify(one.log.lines)).not.toContain("what is new?");
    });

    test("ignores no later message in a thread whose first message it lost, on any replica", async () => {
      await using redis = await startRedisServer();
      await using one = await openReplica(redis.url);
      // It waits two seconds for the others. On a busy machine their connections may take longer to come back.
      const nowMs = Date.now();
      await using other = await openReplica(redis.url, { clock: { ...systemClock, nowMs: () => nowMs } });
      const lossy = beginToLose(redis);
      await one.accept(said("m1", "@bot hello"));
      await lossy.kill();
      await lossy.start();
      expect(await other.accept(said("m2", "and now?", { addressing: "open" }))).toBe("stored");
      expect(await other.waiting()).toEqual(["m1", "m2"]);
    });
  },
);

describe("recently accepted inbounds", () => {
  function openDoor(answers: (inbound: Inbound) => Acceptance) {
    const handClock = new HandClock();
    const told: Inbound[] = [];
    const accept = async (inbound: Inbound): Promise<Acceptance> => {
      told.push(inbound);
      return answers(inbound);
    };
    const log = new RecordingLog();
    const lately = new RecentlyAccepted({ inbox: { accept }, clock: handClock, log });
    return {
      handClock,
      log,
      told,
      lately,
      take: (inbound: Inbound) => lately.accept(inbound, handClock.nowMs(), signal),
    };
  }

  test("are sent until the store accepts them, since it may still be loading", async () => {
    let refusals = 0;
    const { told, lately, take } = openDoor(() => {
      if (refusals === 0) return "stored";
      refusals -= 1;
      throw new InboxError("LOADING");
    });
    await take(said("m1", "hello"));
    told.length = 0;
    refusals = 3;
    lately.onBack();
    await expect.poll(() => told.length).toBe(4);
  });

  test("are counted once in the log, even if the store fails midway", async () => {
    const kept = new Set<string>();
    let isCut = false;
    const { log, lately, take } = openDoor((inbound) => {
      if (kept.has(inbound.dedupeId)) return "duplicate";
      if (kept.size === 1 && isCut) {
        isCut = false;
        throw new InboxError("The connection was cut");
      }
      kept.add(inbound.dedupeId);
      return "stored";
    });
    await take(said("m1", "hello"));
    await take(said("m2", "and now?"));
    kept.clear();
    isCut = true;
    lately.onBack();
    await expect.poll(() => log.lines).toMatchObject([{ level: "warn", facts: { messages: 2 } }]);
  });

  test("are sent again after each crash, however late the store had them again", async () => {
    let isAway = false;
    const { handClock, told, lately, take } = openDoor(() => {
      if (isAway) throw new InboxError("Away");
      return "stored";
    });
    await take(said("m1", "hello"));
    isAway = true;
    handClock.pass(100_000);
    lately.onBack();
    await expect.poll(() => told.length).toBeGreaterThan(1);
    isAway = false;
    await take(said("m2", "are you there?"));
    handClock.pass(40_000);
    await take(said("m3", "and now?"));
    told.length = 0;
    lately.onBack();
    await take(said("m4", "again?"));
    expect(told).toMatchObject(["m1", "m2", "m3", "m4"].map((id) => ({ message: { id } })));
  });

  test("are kept until the store has them again, whatever it takes in between", async () => {
    const stored: string[] = [];
    let isAway = false;
    const { handClock, lately, take } = openDoor((inbound) => {
      const id = inbound.kind === "said" ? inbound.message.id : "";
      if (isAway && id === "m1") throw new InboxError("Away");
      stored.push(id);
      return "stored";
    });
    await take(said("m1", "hello"));
    isAway = true;
    handClock.pass(100_000);
    lately.onBack();
    await take(said("m2", "are you there?"));
    isAway = false;
    await expect.poll(() => stored.filter((id) => id === "m1")).toHaveLength(2);
  });

  test("are sent again when a store works that was loading for too long", async () => {
    const { handClock, log, told, lately, take } = openDoor(() => {
      if (handClock.nowMs() < workingFromMs) throw new InboxError("LOADING");
      return "stored";
    });
    let workingFromMs = 0;
    await take(said("m1", "hello"));
    workingFromMs = handClock.nowMs() + 100_000;
    lately.onBack();
    await expect.poll(() => told.length).toBeGreaterThan(1);
    handClock.pass(50_000);
    await expect.poll(() => log.lines).toMatchObject([{ level: "warn" }]);
    handClock.pass(60_000);
    told.length = 0;
    await take(said("m2", "are you there?"));
    await expect.poll(() => told).toMatchObject([{ message: { id: "m2" } }, { message: { id: "m1" } }, {}]);
  });

  test("are bounded in time, number and size", async () => {
    const { handClock, told, lately, take } = openDoor(() => "stored");
    await take(said("oldest", "oldest"));
    handClock.pass(70_000);
    await take(said("old", "old"));
    lately.onBack();
    await take(said("last", "last"));
    expect(told.map((each) => each.kind === "said" && each.message.id)).toEqual([
      "oldest",
      "old",
      "old",
      "last",
    ]);
    handClock.pass(70_000);
    for (let number = 0; number < 2_500; number += 1) await take(said(`m${number}`, "new"));
    told.length = 0;
    lately.onBack();
    await take(said("last", "last"));
    expect(told).toHaveLength(2_001);
    expect(told[0]).toMatchObject({ message: { id: "m500" } });
    for (let number = 0; number < 100; number += 1) await take(said(`long${number}`, "x".repeat(100_000)));
    told.length = 0;
    lately.onBack();
    await take(said("last", "last"));
    expect(told).toHaveLength(81);
  });
});
