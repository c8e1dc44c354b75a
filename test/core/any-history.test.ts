import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { inboundFormat as inbounds } from "../../src/conversation/inbounds/registry.ts";
import { reset } from "../../src/commands/reset.ts";
import type { Inbound } from "../../src/domain/inbound.ts";
import { InProcessBroadcast } from "../../src/engine/embedded/in-process-broadcast.ts";
import { InProcessInterruptions } from "../../src/engine/embedded/in-process-interruptions.ts";
import { systemClock as clock } from "../../src/runtime/clock.ts";
import { randomIds as ids } from "../../src/runtime/ids.ts";
import { openRedisStores } from "../../src/storage/redis/open-redis-stores.ts";
import { openSqliteStores } from "../../src/storage/sqlite/open-sqlite-stores.ts";
import type { Stores } from "../../src/storage/stores.ts";
import { FakePlatform } from "../support/core/fake-platform.ts";
import { command, deleted, edited, said } from "../support/core/inbounds.ts";
import { InMemoryArchive } from "../support/core/in-memory-archive.ts";
import { InMemoryFiles } from "../support/core/in-memory-files.ts";
import { plainReader } from "../support/core/plain-reader.ts";
import { RecordingLog } from "../support/core/recording-log.ts";
import { ScriptedModel } from "../support/core/scripted-model.ts";
import { redisIsMissing, startRedisServer, type RedisServer } from "../support/redis-server.ts";
import { putEmptyDatabases } from "../support/sqlite/empty-databases.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import type { RunNextTurn } from "../../src/ports/turn-scheduler.ts";
import { ToolBox } from "../../src/conversation/agent/tool-box.ts";
import { allTools } from "../../src/conversation/all-tools.ts";
import { openCore, type Core } from "../../src/conversation/open-core.ts";
import { coreSettings } from "../support/core/core-settings.ts";

const conversation = "fake:room:1";
const never = new AbortController().signal;

/** What may happen next. `which` picks among what was said before. */
type Step =
  | { readonly kind: "say" }
  | { readonly kind: "reset" }
  | { readonly kind: "drain" }
  | { readonly kind: "repeat"; readonly which: number }
  | { readonly kind: "edit"; readonly which: number }
  | { readonly kind: "delete"; readonly which: number }
  /** A turn is taken, and the process dies behind its nth call of a store or the platform. */
  | { readonly kind: "crash"; readonly behind: number };

const which = fc.nat({ max: 20 });
const anySteps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.constant<Step>({ kind: "say" }) },
    { weight: 3, arbitrary: fc.constant<Step>({ kind: "drain" }) },
    { weight: 1, arbitrary: fc.constant<Step>({ kind: "reset" }) },
    { weight: 4, arbitrary: fc.nat({ max: 25 }).map((behind): Step => ({ kind: "crash", behind })) },
    { weight: 2, arbitrary: which.map((each): Step => ({ kind: "repeat", which: each })) },
    { weight: 2, arbitrary: which.map((each): Step => ({ kind: "edit", which: each })) },
    { weight: 2, arbitrary: which.map((each): Step => ({ kind: "delete", which: each })) },
  ),
  { maxLength: 25 },
);

class Crash extends Error {}

/** What is not waited for, and touches nothing outside. */
const isAtOnce = new Set<string | symbol>(["turnFinished", "memoryChanged", "permalinkOf", "installationOf"]);

/** Lets the process die: the call takes place, nobody hears of it, and nothing takes place after it. */
class Life {
  #left: number;

  constructor(calls: number) {
    this.#left = calls;
  }

  readonly mortal = <Port extends object>(port: Port): Port =>
    new Proxy(port, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== "function" || isAtOnce.has(name)) return member;
        return async (...args: unknown[]) => {
          if (this.#left < 0) throw new Crash("dead");
          this.#left -= 1;
          const result: unknown = await Reflect.apply(member, target, args);
          if (this.#left < 0) throw new Crash("died");
          return result;
        };
      },
    });
}

/** What ought to be, told from the steps alone. */
class Truth {
  /** In the order of acceptance. */
  readonly said: { id: string; text: string; isDeleted: boolean; mayBeUnanswered: boolean }[] = [];
  readonly inbounds: Inbound[] = [];
  resets = 0;

  pick(index: number): Truth["said"][number] | undefined {
    return this.said[index % Math.max(1, this.said.length)];
  }
}

/** One conversation with its stores, and whatever happens to it. */
class History {
  readonly platform = new FakePlatform({ placeholder: "…" });
  readonly model = new ScriptedModel();
  readonly truth = new Truth();
  readonly #archive = new InMemoryArchive();
  readonly #open: () => Promise<Stores>;
  #stores: Stores | undefined;

  constructor(open: () => Promise<Stores>) {
    this.#open = open;
  }

  async play(step: Step): Promise<void> {
    const { truth } = this;
    const count = truth.inbounds.length;
    if (step.kind === "drain") return this.runNextTurn();
    if (step.kind === "crash") return this.#crash(step.behind);
    if (step.kind === "repeat") {
      const again = truth.inbounds[step.which % Math.max(1, count)];
      if (again !== undefined) await this.#accept(again);
      return;
    }
    if (step.kind === "say") {
      const message = { id: `m${count}`, text: `text ${count}` };
      truth.said.push({ ...message, isDeleted: false, mayBeUnanswered: false });
      return this.#take(said(message.id, message.text, { addressing: "direct" }));
    }
    if (step.kind === "reset") {
      truth.resets += 1;
      for (const each of truth.said) each.mayBeUnanswered = true;
      return this.#take(command("reset"));
    }
    const target = truth.pick(step.which);
    if (target === undefined || target.isDeleted) return;
    if (step.kind === "delete") {
      target.isDeleted = true;
      return this.#take(deleted(target.id));
    }
    target.text = `edit ${count}`;
    return this.#take(edited(target.id, target.text));
  }

  /** Until nothing waits. */
  async runNextTurn(): Promise<void> {
    const runNextTurn = await this.#runNextTurn(Number.MAX_SAFE_INTEGER);
    for (let turns = 0; (await runNextTurn(conversation, never)) === "more"; turns += 1) {
      if (turns > 200) throw new Error("It never comes to rest");
    }
  }

  async kept() {
    const { memories, inbox } = await this.#opened();
    const { memory } = await memories.read(conversation, never);
    return { memory, waiting: await inbox.waiting(conversation, never) };
  }

  async close(): Promise<void> {
    await this.#stores?.[Symbol.asyncDispose]();
    this.#stores = undefined;
  }

  async #crash(behind: number): Promise<void> {
    const runNextTurn = await this.#runNextTurn(behind);
    try {
      await runNextTurn(conversation, never);
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
    }
    await this.close();
  }

  async #take(inbound: Inbound): Promise<void> {
    this.truth.inbounds.push(inbound);
    await this.#accept(inbound);
  }

  async #accept(inbound: Inbound): Promise<void> {
    await (await this.#core(Infinity)).accept(inbound, never);
  }

  async #runNextTurn(calls: number): Promise<RunNextTurn> {
    return (await this.#core(calls)).runNextTurn;
  }

  /** The core in a process that dies after so many calls of its stores and its platform. */
  async #core(calls: number): Promise<Core> {
    const stores = await this.#opened();
    const { inbox, journal, memories, erasureRequests, directory, outbox } = stores;
    const { mortal } = new Life(calls);
    return openCore(
      {
        stores: {
          ...stores,
          inbox: mortal(inbox),
          journal: mortal(journal),
          memories: mortal(memories),
          hotMemories: mortal(memories),
          erasureRequests: mortal(erasureRequests),
          directory: mortal(directory),
          outbox: mortal(outbox),
        },
        archive: this.#archive,
        files: new InMemoryFiles(),
        fileReader: plainReader,
        models: { named: () => this.model },
        platforms: new Map([["fake", mortal(this.platform)]]),
        commands: new Map([["reset", reset]]),
        toolBox: new ToolBox(allTools),
        runtime: {
          scheduler: { schedule: async () => undefined },
          scheduleIn: () => undefined,
          interruptions: stores.interruptions,
          requestSummary: () => undefined,
          clock,
          ids,
          log: new RecordingLog(),
        },
      },
      coreSettings({ contextTokens: 1_000_000 }),
    );
  }

  async #opened(): Promise<Stores> {
    this.#stores ??= await this.#open();
    return this.#stores;
  }
}

async function check(history: History): Promise<void> {
  const { truth, platform, model } = history;
  const { memory, waiting } = await history.kept();
  expect(waiting).toEqual([]);
  const remembered = (memory?.messages ?? []).filter(({ role }) => role === "person");
  const kept = truth.said.filter(({ isDeleted }) => !isDeleted);
  expect(remembered.map(({ id, text }) => ({ id, text }))).toEqual(
    kept.map(({ id, text }) => ({ id, text })),
  );
  if (truth.resets > 0) expect(memory?.chapter).toBe(truth.resets + 1);

  const shown = platform.posts.filter(({ isDeleted }) => !isDeleted).map(({ post }) => post);
  expect(shown.filter(({ state }) => state !== "done")).toEqual([]);
  const covered = shown.flatMap(({ covers }) => covers);
  expect(new Set(covered).size).toBe(covered.length);
  const mustBeAnswered = kept.filter(({ mayBeUnanswered }) => !mayBeUnanswered).map(({ id }) => id);
  expect(mustBeAnswered.filter((id) => !covered.includes(id))).toEqual([]);
  // In the order of acceptance.
  const order = truth.said.map(({ id }) => id).filter((id) => covered.includes(id));
  expect(covered).toEqual(order);
  for (const { messages } of model.prompts) {
    const texts = messages.filter(({ role }) => role === "person").map(({ text }) => text);
    expect(new Set(texts).size).toBe(texts.length);
  }
}

/** @throws {Error} when a promise is broken. */
async function play(open: () => Promise<Stores>, steps: readonly Step[]): Promise<void> {
  const history = new History(open);
  try {
    for (const step of steps) await history.play(step);
    await history.runNextTurn();
    await check(history);
  } finally {
    await history.close();
  }
}

const ports = () => ({
  ids,
  inbounds,
  log: new RecordingLog(),
  listeners: { interruptions: new InProcessInterruptions(), broadcast: new InProcessBroadcast() },
});
const patience = 900_000;

describe("after any history of messages, repeats, edits, deletions, resets and crashes", () => {
  test(
    "every message is remembered once and answered once, in order, on SQLite",
    async () => {
      const holds = fc.asyncProperty(anySteps, async (steps) => {
        using folder = temporaryFolder();
        await putEmptyDatabases(folder.path);
        await play(() => openSqliteStores(folder.path, ports()), steps);
      });
      expect(fc.defaultReportMessage(await fc.check(holds, { numRuns: 60 }))).toBeUndefined();
    },
    patience,
  );

  describe.skipIf(redisIsMissing)(`and on Redis ${redisIsMissing ?? ""}`, () => {
    let server: RedisServer;
    let database = 0;
    beforeAll(async () => {
      server = await startRedisServer("--databases", "1000");
    });
    afterAll(() => server[Symbol.asyncDispose]());

    test(
      "every message is remembered once and answered once, in order",
      async () => {
        const holds = fc.asyncProperty(anySteps, async (steps) => {
          database += 1;
          const url = `${server.url}/${database}`;
          await play(() => openRedisStores(url, { ...ports(), waitMs: 60_000, clock }), steps);
        });
        expect(fc.defaultReportMessage(await fc.check(holds, { numRuns: 40 }))).toBeUndefined();
      },
      patience,
    );
  });
});
