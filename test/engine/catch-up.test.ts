import { describe, expect, test } from "vitest";

import type { Said } from "../../src/domain/inbound.ts";
import { CatchUp } from "../../src/engine/catch-up/catch-up.ts";
import { MissedMessageReader } from "../../src/engine/catch-up/missed-message-reader.ts";
import { InboxError } from "../../src/ports/inbox.ts";
import { ArchiveError } from "../../src/ports/archive.ts";
import { ModelError } from "../../src/ports/model.ts";
import { PlatformError } from "../../src/ports/platform-error.ts";
import type { KnownPlace } from "../../src/ports/platform-history.ts";
import { SqlitePresence } from "../../src/storage/sqlite/stores/sqlite-presence.ts";
import { openCoreBench } from "../support/core/core-bench.ts";
import { FakePlatform } from "../support/core/fake-platform.ts";
import { HandClock } from "../support/core/hand-clock.ts";
import { erased, said } from "../support/core/inbounds.ts";
import { ScriptedModel } from "../support/core/scripted-model.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const patiently = { timeout: 60_000, interval: 5 };
const hourMs = 3_600_000;

type Core = Awaited<ReturnType<typeof openCoreBench>>;

/**
 * A core whose time only the test lets pass. The sweeper, which looks all the time, leaves a conversation alone for five
 * seconds with each missed message: on a slow machine these are over too early on a clock that runs too fast.
 */
function openCoreByHand(options: Omit<Parameters<typeof openCoreBench>[0], "clock">) {
  return openCoreBench({ ...options, clock: new HandClock() });
}

function openCatchUp(core: Core, changes: Partial<ConstructorParameters<typeof CatchUp>[0]> = {}) {
  const presence = new SqlitePresence(core.database);
  const { inbox, scheduler, directory, clock, log, store } = core;
  const catchUp = new CatchUp({
    store,
    inbox,
    scheduler,
    directory,
    presence,
    clock,
    log,
    ...changes,
  });
  return Object.assign(catchUp, { presence });
}

/** A platform with missed messages. Records what it was asked. */
class MissingPlatform extends FakePlatform {
  readonly asked: KnownPlace[] = [];
  read: (known: KnownPlace) => Promise<readonly Said[]> | readonly Said[] = () => [];

  readonly fetchMissed = async (known: KnownPlace): Promise<readonly Said[]> => {
    this.asked.push(known);
    return this.read(known);
  };
}

function caughtUp(core: Core) {
  return core.log.lines.filter(({ message }) => message === "caught up").map(({ facts }) => facts);
}

describe("catching up", () => {
  test("answers several missed messages of one conversation once", async () => {
    using folder = temporaryFolder();
    const platform = new MissingPlatform();
    await using core = await openCoreByHand({ dataDir: folder.path, platform });
    await core.accept(said("a", "hello"));
    await core.whenIdle();
    await using catchUp = openCatchUp(core);
    await catchUp.presence.mark(core.clock.nowMs() - 60_000);
    const saidAtMs = core.clock.nowMs() - 30_000;
    platform.read = () => ["b", "c", "d"].map((id) => said(id, `missed ${id}`, { saidAtMs }));
    catchUp.start([platform]);
    await expect.poll(() => caughtUp(core), patiently).toMatchObject([{ places: 1, unread: 0, messages: 3 }]);
    await core.whenIdle();
    expect(platform.shown).toEqual(["Answer to Ada: hello", "Answer to Ada: missed d"]);
    expect(core.model.prompts.at(-1)?.messages.map(({ text }) => text)).toEqual([
      "Ada: hello",
      "Answer to Ada: hello",
      "Ada: missed b",
      "Ada: missed c",
      "Ada: missed d",
    ]);
  });

  test("answers a message once although it is read again after more than a day", async () => {
    using folder = temporaryFolder();
    const platform = new MissingPlatform();
    await using core = await openCoreBench({ dataDir: folder.path, platform });
    await core.accept(said("a", "hello"));
    await core.whenIdle();
    // A day later its dedupe mark is gone.
    await core.inbox.dropDedupeMarks(Infinity);
    await using catchUp = openCatchUp(core);
    await catchUp.presence.mark(core.clock.nowMs() - 60_000);
    const saidAtMs = core.clock.nowMs() - 30_000;
    platform.read = () => ["a", "b"].map((id) => said(id, `missed ${id}`, { saidAtMs }));
    catchUp.start([platform]);
    await expect.poll(() => caughtUp(core), patiently).toMatchObject([{ places: 1, unread: 0, messages: 1 }]);
    await core.whenIdle();
    expect(platform.shown).toEqual(["Answer to Ada: hello", "Answer to Ada: missed b"]);
  });

  test.each([
    ["for a while", 60_000, ["b"]],
    ["for days, when the archive is back", 48 * hourMs, ["a", "b"]],
  ])(
    "answers the messages missed %s, although the archive can't be reached",
    async (_name, awayMs, messages) => {
      using folder = temporaryFolder();
      const platform = new MissingPlatform();
      await using core = await openCoreByHand({
        dataDir: folder.path,
        platform,
        answerWithinMs: 72 * hourMs,
      });
      await core.accept(said("z", "hello"));
      await core.whenIdle();
      let asked = 0;
      const { active, locate } = core.directory;
      const fromMs = core.clock.nowMs() - awayMs;
      await using catchUp = openCatchUp(core, {
        directory: {
          active,
          locate: async (name, place, message) => {
            asked += 1;
            if (asked <= 9 || awayMs < hourMs) throw new ArchiveError("away");
            return locate(name, place, message);
          },
        },
      });
      await catchUp.presence.mark(fromMs);
      platform.read = () => [
        said("a", "heard before, or missed", { saidAtMs: fromMs - (messages.includes("a") ? -1 : hourMs) }),
        said("b", "missed", { saidAtMs: fromMs + 30_000 }),
      ];
      catchUp.start([platform]);
      await expect
        .poll(() => caughtUp(core), patiently)
        .toMatchObject([{ unread: 0, messages: messages.length }]);
      await core.whenIdle();
      expect(platform.shown.at(-1)).toBe("Answer to Ada: missed");
      expect(platform.shown).toHaveLength(2);
    },
  );

  test("waits as long as the platform asks", async () => {
    using folder = temporaryFolder();
    const platform = new MissingPlatform();
    await using core = await openCoreBench({ dataDir: folder.path, platform });
    await core.accept(said("a", "hello"));
    await core.whenIdle();
    const waits: number[] = [];
    const clock = { ...core.clock, sleep: async (ms: number) => void waits.push(ms) };
    const messages = new MissedMessageReader({ ...core, clock });
    let asked = 0;
    const missed = () => {
      asked += 1;
      if (asked === 1) throw new PlatformError("rate-limited", "slow down", { retryAfterMs: hourMs });
      return Promise.resolve([]);
    };
    const known = { place: "room", conversations: [] };
    await messages.read(missed, known, { fromMs: 0, toMs: 1 }, AbortSignal.timeout(600_000));
    expect(waits.length).toBe(1);
    expect(waits[0]).toBeGreaterThanOrEqual(hourMs);
  });

  test("holds a new message back until the missed ones of its place are read, and no others", async () => {
    using folder = temporaryFolder();
    const platform = new MissingPlatform();
    await using core = await openCoreBench({ dataDir: folder.path, platform });
    await core.accept(said("a", "hello"));
    await core.whenIdle();
    await using catchUp = openCatchUp(core);
    await catchUp.presence.mark(core.clock.nowMs() - 60_000);
    const accepted: string[] = [];
    const live = catchUp.holdUntilRead("fake", async (inbound) => {
      if (inbound.kind === "said") accepted.push(inbound.message.id);
      return "stored";
    });
    const { promise: isRead, resolve: read } = Promise.withResolvers<readonly Said[]>();
    platform.read = () => isRead;
    const early = live(said("c", "before it is known what was missed"), AbortSignal.timeout(600_000));
    catchUp.start([platform]);
    await expect.poll(() => platform.asked.length, patiently).toBe(1);
    const elsewhere = { ...said("d", "elsewhere", { conversation: "fake:other:1" }), place: "other" };
    await live(elsewhere, AbortSignal.timeout(600_000));
    expect(accepted).toEqual(["d"]);
    read([said("b", "missed")]);
    await early;
    expect(accepted).toEqual(["d", "c"]);
    await expect.poll(() => caughtUp(core), patiently).toHaveLength(1);
    await live(said("e", "later"), AbortSignal.timeout(600_000));
    expect(accepted).toEqual(["d", "c", "e"]);
  });

  test("answers once even if storing is slow and the sweeper runs", async () => {
    using folder = temporaryFolder();
    const platform = new MissingPlatform();
    const clock = new HandClock();
    await using core = await openCoreBench({ dataDir: folder.path, platform, clock });
    await core.accept(said("a", "hello"));
    await core.whenIdle();
    const { store, inbox } = core;
    let sweeps = 0;
    const { due } = inbox;
    Object.assign(inbox, { due: async (nowMs: number) => ((sweeps += 1), due(nowMs)) });
    await using catchUp = openCatchUp(core, {
      store: async (inbound, signal) => {
        clock.pass(3_000);
        const before = sweeps;
        // The first of these sweeps saw the new time, and has scheduled what it found when the second begins.
        await expect.poll(() => sweeps, patiently).toBeGreaterThan(before + 1);
        return store(inbound, signal);
      },
    });
    await catchUp.presence.mark(core.clock.nowMs() - 60_000);
    platform.read = () => [
      ...["b", "c", "d"].map((id) => said(id, `missed ${id}`)),
      ...["e", "f", "g"].map((id) => said(id, `new ${id}`, { conversation: "fake:room:2" })),
    ];
    catchUp.start([platform]);
    await expect.poll(() => caughtUp(core), patiently).toMatchObject([{ messages: 6 }]);
    await core.whenIdle();
    expect(platform.shown.slice(1)).toEqual([expect.any(String), expect.any(String)]);
  });

  test("states the downtime in one line if it is too late for an answer", async () => {
    using folder = temporaryFolder();
    const platform = new MissingPlatform();
    await using core = await openCoreByHand({ dataDir: folder.path, platform });
    await core.accept(said("a", "hello"));
    await core.whenIdle();
    await using catchUp = openCatchUp(core);
    await catchUp.presence.mark(core.clock.nowMs() - 3 * hourMs);
    const saidAtMs = core.clock.nowMs() - 2 * hourMs;
    platform.read = () => ["b", "c"].map((id) => said(id, `missed ${id}`, { saidAtMs }));
    catchUp.start([platform]);
    await expect.poll(() => platform.shown.length, patiently).toBe(2);
    await core.whenIdle();
    expect(platform.shown[1]).toMatch(
      /^I was offline .*\d\d:\d\d.*\d\d:\d\d UTC.* and have now caught up\. Still need an answer\? Mention me\.$/u,
    );
    const messages = [...core.memories.records.values()][0]?.messages ?? [];
    expect(messages.slice(2).map(({ role, text }) => [role, text])).toEqual([
      ["person", "missed b"],
      ["person", "missed c"],
      ["notice", platform.shown[1]],
    ]);
    expect(core.model.prompts).toHaveLength(1);
  });

  test("gives one answer and no line for a recent question beside an old one", async () => {
    using folder = temporaryFolder();
    const platform = new MissingPlatform();
    await using core = await openCoreByHand({ dataDir: folder.path, platform });
    await core.accept(said("a", "hello"));
    await core.whenIdle();
    await using catchUp = openCatchUp(core);
    const nowMs = core.clock.nowMs();
    await catchUp.presence.mark(nowMs - 3 * hourMs);
    platform.read = () => [
      said("b", "too old", { saidAtMs: nowMs - 2 * hourMs }),
      said("c", "young enough", { saidAtMs: nowMs - 60_000 }),
    ];
    catchUp.start([platform]);
    await expect.poll(() => platform.shown.length, patiently).toBe(2);
    await core.whenIdle();
    expect(platform.shown[1]).toBe("Answer to Ada: young enough");
  });

  test("refuses a command that is too old, and informs the person", async () => {
    using folder = temporaryFolder();
    const platform = new MissingPlatform();
    await using core = await openCoreBench({ dataDir: folder.path, platform });
    await core.accept(said("a", "hello"));
    await core.whenIdle();
    await using catchUp = openCatchUp(core);
    await catchUp.presence.mark(core.clock.nowMs() - 3 * hourMs);
    platform.read = () => [said("b", "reset", { saidAtMs: core.clock.nowMs() - 2 * hourMs })];
    catchUp.start([platform]);
    await expect.poll(() => platform.shown[1], patiently).toMatch(/^I was offline/u);
    expect(platform.told).toEqual([]);
  });

  test("runs a command that is recent enough", async () => {
    using folder = temporaryFolder();
    const platform = new MissingPlatform();
    await using core = await openCoreBench({ dataDir: folder.path, platform });
    await core.accept(said("a", "hello"));
    await core.whenIdle();
    await using catchUp = openCatchUp(core);
    await catchUp.presence.mark(core.clock.nowMs() - 60_000);
    platform.read = () => [said("b", "reset", { saidAtMs: core.clock.nowMs() - 30_000 })];
    catchUp.start([platform]);
    await expect.poll(() => platform.told, patiently).toEqual([expect.stringContaining("Fresh start")]);
  });

  test("reads nothing at the very first start, and marks its presence from then on", async () => {
    using folder = temporaryFolder();
    const platform = new MissingPlatform();
    await using core = await openCoreBench({ dataDir: folder.path, platform });
    await core.accept(said("a", "hello"));
    await using catchUp = openCatchUp(core);
    catchUp.start([platform]);
    await expect.poll(() => catchUp.presence.last(), patiently).toBeDefined();
    const firstMs = (await catchUp.presence.last()) ?? 0;
    await expect
      .poll(async () => (await catchUp.presence.last()) ?? 0, patiently)
      .toBeGreaterThan(firstMs + 4_000);
    expect(platform.asked).toEqual([]);
  });

  test("passes the places with their last messages, newest first, and the start of the downtime", async () => {
    using folder = temporaryFolder();
    const platform = new MissingPlatform();
    await using core = await openCoreByHand({ dataDir: folder.path, platform });
    for (const [index, place] of ["old", "new"].entries()) {
      const conversation = `fake:${place}:1` as const;
      await core.accept({ ...said(`a${index}`, "hello", { conversation }), place });
      await core.accept({ ...said(`b${index}`, "more", { conversation }), place });
      await core.whenIdle();
    }
    await using catchUp = openCatchUp(core);
    const fromMs = core.clock.nowMs() - 60_000;
    await catchUp.presence.mark(fromMs);
    catchUp.start([platform]);
    await expect.poll(() => caughtUp(core), patiently).toHaveLength(1);
    expect(platform.asked).toMatchObject([
      {
        place: "new",
        missedFromMs: fromMs,
        conversations: [{ conversation: "fake:new:1", lastMessage: "b1" }],
      },
      {
        place: "old",
        missedFromMs: fromMs,
        conversations: [{ conversation: "fake:old:1", lastMessage: "b0" }],
      },
    ]);
  });

  test("continues with the next place if one can't be read, and logs it once", async () => {
    using folder = temporaryFolder();
    const platform = new MissingPlatform();
    await using core = await openCoreByHand({ dataDir: folder.path, platform });
    for (const place of ["fine", "broken"]) {
      await core.accept({ ...said(place, "hello", { conversation: `fake:${place}:1` }), place });
      await core.whenIdle();
    }
    await using catchUp = openCatchUp(core);
    await catchUp.presence.mark(core.clock.nowMs() - 60_000);
    platform.read = ({ place }) => {
      if (place === "broken") throw new PlatformError("unreachable", "no answer");
      return [said("b", "missed", { conversation: "fake:fine:1", saidAtMs: core.clock.nowMs() })];
    };
    catchUp.start([platform]);
    await expect.poll(() => caughtUp(core), patiently).toMatchObject([{ places: 1, unread: 1, messages: 1 }]);
    expect(platform.asked.map(({ place }) => place)).toEqual([
      "broken",
      "broken",
      "broken",
      "broken",
      "fine",
    ]);
    const warnings = core.log.lines.filter(({ level }) => level === "warn");
    expect(warnings).toMatchObject([
      { message: "the missed messages of a place could not be read; check the bot's rights there" },
    ]);
  });

  test("does not retry a place it may not read", async () => {
    using folder = temporaryFolder();
    const platform = new MissingPlatform();
    await using core = await openCoreBench({ dataDir: folder.path, platform });
    await core.accept(said("a", "hello"));
    await using catchUp = openCatchUp(core);
    await catchUp.presence.mark(core.clock.nowMs() - 60_000);
    platform.read = () => {
      throw new PlatformError("forbidden", "not in channel");
    };
    catchUp.start([platform]);
    await expect.poll(() => caughtUp(core), patiently).toMatchObject([{ unread: 1 }]);
    expect(platform.asked).toHaveLength(1);
  });

  test("stores nothing twice, even if it starts again because the inbox was unreachable", async () => {
    using folder = temporaryFolder();
    const platform = new MissingPlatform();
    await using core = await openCoreBench({ dataDir: folder.path, platform });
    await core.accept(said("a", "hello"));
    await core.whenIdle();
    const { store } = core;
    let calls = 0;
    await using catchUp = openCatchUp(core, {
      store: async (inbound, signal) => {
        calls += 1;
        if (calls > 1 && calls < 8) throw new InboxError("away");
        return store(inbound, signal);
      },
    });
    await catchUp.presence.mark(core.clock.nowMs() - 60_000);
    const missed = ["b", "c"].map((id) => said(id, `missed ${id}`, { saidAtMs: core.clock.nowMs() }));
    platform.read = () => missed;
    catchUp.start([platform]);
    await expect.poll(() => caughtUp(core), patiently).toHaveLength(1);
    await core.whenIdle();
    const people = [...core.memories.records.values()].flatMap(({ messages }) =>
      messages.filter(({ role }) => role === "person"),
    );
    expect(people.map(({ text }) => text)).toEqual(["hello", "missed b", "missed c"]);
  });

  test("marks no presence before everything is read, so that it starts from the same point after a crash", async () => {
    using folder = temporaryFolder();
    const platform = new MissingPlatform();
    await using core = await openCoreBench({ dataDir: folder.path, platform });
    await core.accept(said("a", "hello"));
    const gate = Promise.withResolvers<readonly Said[]>();
    platform.read = () => gate.promise;
    const catchUp = openCatchUp(core);
    const fromMs = core.clock.nowMs() - 60_000;
    await catchUp.presence.mark(fromMs);
    catchUp.start([platform]);
    await expect.poll(() => platform.asked.length, patiently).toBe(1);
    const startedAtMs = core.clock.nowMs();
    await expect.poll(() => core.clock.nowMs() - startedAtMs, patiently).toBeGreaterThan(15_000);
    expect(await catchUp.presence.last()).toBe(fromMs);
    gate.resolve([]);
    await expect.poll(() => catchUp.presence.last(), patiently).toBeGreaterThan(startedAtMs);
    await catchUp[Symbol.asyncDispose]();
  });

  test("reads a platform only once at a time, and merges gaps that are reported during the read", async () => {
    using folder = temporaryFolder();
    const platform = new MissingPlatform();
    await using core = await openCoreBench({ dataDir: folder.path, platform });
    await core.accept(said("a", "hello"));
    const gate = Promise.withResolvers<readonly Said[]>();
    platform.read = () => gate.promise;
    await using catchUp = openCatchUp(core);
    catchUp.start([platform]);
    await expect.poll(() => catchUp.presence.last(), patiently).toBeDefined();
    catchUp.onGap("fake", { fromMs: 100, toMs: 200 });
    await expect.poll(() => platform.asked.length, patiently).toBe(1);
    catchUp.onGap("fake", { fromMs: 400, toMs: 500 });
    catchUp.onGap("fake", { fromMs: 300, toMs: 350 });
    expect(platform.asked).toHaveLength(1);
    gate.resolve([said("b", "missed", { saidAtMs: core.clock.nowMs() })]);
    await expect.poll(() => caughtUp(core), patiently).toHaveLength(2);
    expect(platform.asked.map(({ missedFromMs }) => missedFromMs)).toEqual([100, 300]);
    await core.whenIdle();
    expect(platform.shown.at(-1)).toBe("Answer to Ada: missed");
  });

  test("skips platforms that redeliver by themselves", async () => {
    using folder = temporaryFolder();
    await using core = await openCoreBench({ dataDir: folder.path });
    await using catchUp = openCatchUp(core);
    await catchUp.presence.mark(core.clock.nowMs() - 60_000);
    catchUp.onGap("fake", { fromMs: 1, toMs: 2 });
    catchUp.start([core.platform]);
    const startedAtMs = core.clock.nowMs();
    await expect.poll(() => catchUp.presence.last(), patiently).toBeGreaterThan(startedAtMs);
    expect(caughtUp(core)).toEqual([]);
  });

  test("does not ask about a conversation that was erased", async () => {
    using folder = temporaryFolder();
    const platform = new MissingPlatform();
    await using core = await openCoreBench({ dataDir: folder.path, platform });
    await core.accept(said("a", "hello"));
    await core.accept(erased());
    await core.whenIdle();
    await expect.poll(() => core.directory.recent("fake", "room", 9), patiently).toEqual([]);
    await using catchUp = openCatchUp(core);
    await catchUp.presence.mark(core.clock.nowMs() - 60_000);
    catchUp.start([platform]);
    await expect.poll(() => caughtUp(core), patiently).toMatchObject([{ places: 0 }]);
    expect(platform.asked).toEqual([]);
  });

  test("lets an answer that waits for the model cover the missed messages too", async () => {
    using folder = temporaryFolder();
    const platform = new MissingPlatform();
    const model = new ScriptedModel();
    const { script } = model;
    model.script = async function* () {
      yield* [];
      throw new ModelError("unreachable", "away");
    };
    await using core = await openCoreBench({ dataDir: folder.path, platform, model });
    await core.accept(said("a", "hello"));
    await expect.poll(() => platform.shown, patiently).toEqual([expect.stringContaining("can't reach")]);
    await using catchUp = openCatchUp(core);
    await catchUp.presence.mark(core.clock.nowMs() - 3 * hourMs);
    platform.read = () => [said("b", "too old", { saidAtMs: core.clock.nowMs() - 2 * hourMs })];
    catchUp.start([platform]);
    await expect.poll(() => model.prompts.at(-1)?.messages.length, patiently).toBe(2);
    model.script = script;
    await core.whenIdle();
    expect(platform.shown).toEqual(["Answer to Ada: too old"]);
    expect(platform.posts).toHaveLength(1);
  });

  test("stops at once when it is closed", async () => {
    using folder = temporaryFolder();
    const platform = new MissingPlatform();
    await using core = await openCoreBench({ dataDir: folder.path, platform });
    await core.accept(said("a", "hello"));
    const catchUp = openCatchUp(core);
    await catchUp.presence.mark(core.clock.nowMs() - 60_000);
    platform.read = () => {
      throw new PlatformError("rate-limited", "slow down", { retryAfterMs: 100_000_000 });
    };
    catchUp.start([platform]);
    await expect.poll(() => platform.asked.length, patiently).toBe(1);
    await catchUp[Symbol.asyncDispose]();
    expect(core.log.lines.filter(({ level }) => level === "warn" || level === "error")).toEqual([]);
  });
});
