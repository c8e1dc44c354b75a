import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { ConversationKey } from "../../src/domain/conversation.ts";
import type { Inbound } from "../../src/domain/inbound.ts";
import { openSqliteTurnRecords } from "../../src/storage/sqlite/sqlite-turn-records.ts";
import { FakePlatform } from "../support/core/fake-platform.ts";
import { HandClock } from "../support/core/hand-clock.ts";
import { openRedisHotStore, openSqliteHotStore, type HotStore } from "../support/core/hot-store.ts";
import { pressed, reworded, said } from "../support/core/inbounds.ts";
import { openKillableCore } from "../support/core/killable-core.ts";
import { RecordingLog } from "../support/core/recording-log.ts";
import { ScriptedModel } from "../support/core/scripted-model.ts";
import { redisIsMissing, startRedisServer, type RedisServer } from "../support/redis-server.ts";
import { putEmptyDatabases } from "../support/sqlite/empty-databases.ts";
import { openThreadlessArchive } from "../support/sqlite/threadless-archive.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const { signal } = new AbortController();

/** Stores, an archive and a platform that outlive the processes over them. Each answer has its own number. */
async function openWorld(openHot: () => Promise<HotStore>) {
  const opened = new AsyncDisposableStack();
  const hot = opened.use(await openHot());
  opened.defer(async () => void (await hot.lose()));
  const folder = opened.use(temporaryFolder());
  await putEmptyDatabases(folder.path);
  const archive = opened.use(await openThreadlessArchive(folder.path, new RecordingLog()));
  const records = opened.use(openSqliteTurnRecords(folder.path));
  const platform = new FakePlatform({ postChars: 200 });
  let answers = 0;
  const model = new ScriptedModel(async function* (prompt) {
    answers += 1;
    const [question = ""] = /[abc]\?|better\?/u.exec(prompt.messages.at(-1)?.text ?? "") ?? [];
    yield `Answer ${answers} `;
    yield `to ${question}${" and more".repeat(30 * (answers % 3))}.`;
  });
  const ports = { stores: hot.stores, archive, platform, model, clock: new HandClock() };
  return {
    platform,
    model,
    /** The turns under which somebody pressed before they were finished, by room. */
    early: new Map<string, string>(),
    start: (diesBefore?: number) => openKillableCore(ports, diesBefore),
    isIdle: async () => (await hot.stores.inbox.due(Infinity, signal)).length === 0,
    remembered: async (conversation: ConversationKey) =>
      (await hot.stores.memories.read(conversation, signal)).memory?.messages ?? [],
    archived: (conversation: ConversationKey) => archive.read({ conversation, limit: 1_000 }, signal),
    records: (conversation: ConversationKey) => records.newest(conversation, 1_000, signal),
    feedback: (conversation: ConversationKey) =>
      records.newestFeedback({ conversation, limit: 1_000 }, signal),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

type World = Awaited<ReturnType<typeof openWorld>>;

/** What people see of one conversation: a room for each, in which every question has an id of its own. */
function shownIn({ platform }: World, name: string) {
  return platform.posts.filter(
    ({ post, isDeleted }) => !isDeleted && post.covers.some((id) => id.startsWith(`${name}-`)),
  );
}

/** Three questions are answered, and the inbound concerns the second of them. Returns the old answer to it. */
async function prepare(world: World, name: string): Promise<string> {
  const core = world.start();
  for (const question of ["a", "b", "c"]) {
    await core.accept(said(`${name}-${question}`, `${question}?`, { conversation: `fake:room:${name}` }));
    await core.settle();
  }
  const [, answer] = (await world.remembered(`fake:room:${name}`)).filter(({ role }) => role === "bot");
  return /Answer \d+ /u.exec(answer?.text ?? "")?.[0] ?? "";
}

/**
 * Plays what comes after the answers in one process for each step, which dies before that step, and lets another process go
 * on. `check` looks at what people, memory and archive have then.
 */
async function killAtEachStep(
  world: World,
  inboundOf: (name: string) => Promise<Inbound>,
  check: (name: string, old: string) => Promise<void>,
  meanwhile: (name: string, next: ReturnType<World["start"]>) => Promise<void> = async () => undefined,
): Promise<readonly string[]> {
  for (let step = 0; ; step += 1) {
    const name = `r${step}`;
    const conversation: ConversationKey = `fake:room:${name}`;
    const old = await prepare(world, name);
    const inbound = await inboundOf(name);
    const dying = world.start(step);
    const isWhole = (await dying.accept(inbound)) && (await dying.settle()) && (await dying.file());
    const next = world.start();
    await meanwhile(name, next);
    // Nobody has acknowledged what is not stored, so it comes again; and what is stored may come again too.
    await next.accept(inbound);
    await next.settle();
    await next.sweep([conversation]);
    await next.rest();
    try {
      await check(name, old);
    } catch (error) {
      throw new Error(`Killed before ${dying.calls.length}, after ${dying.calls.at(-1) ?? "nothing"}`, {
        cause: error,
      });
    }
    if (isWhole) return dying.calls;
  }
}

/** A press of a button under the answer to the second question. */
async function pressAt(world: World, name: string, action: string): Promise<Inbound> {
  const conversation: ConversationKey = `fake:room:${name}`;
  const { value: _, ...press } = pressed(action, "", 1_000);
  const on = (await world.remembered(conversation))[3]?.turnId ?? "";
  return { ...press, conversation, on };
}

/** People, memory and archive have one answer to each question, which is the newest, with its own buttons. */
async function expectOneEach(world: World, name: string): Promise<readonly string[]> {
  const conversation: ConversationKey = `fake:room:${name}`;
  const posts = shownIn(world, name);
  const remembered = await world.remembered(conversation);
  const answers = remembered.filter(({ role }) => role === "bot");
  const texts = answers.map(({ posts: ids = [] }) =>
    ids.map((id) => posts.find((each) => each.id === id)?.post.text ?? "(gone)").join(" "),
  );
  expect(texts.map(withoutSpaces)).toEqual(answers.map(({ text }) => withoutSpaces(text)));
  expect(answers.flatMap(({ posts: ids = [] }) => ids)).toHaveLength(posts.length);
  const turns = posts.flatMap(
    ({ post: { actions = [] } }) => actions.find(({ id }) => id === "regenerate")?.on ?? [],
  );
  expect(new Set(turns)).toEqual(new Set(answers.map(({ turnId }) => turnId)));
  const rows = (await world.archived(conversation)).map(({ text }) => text);
  expect(rows).toEqual(remembered.map(({ text }) => text));
  expect(remembered.map(({ role }) => role)).toEqual(["person", "bot", "person", "bot", "person", "bot"]);
  expect(await world.isIdle()).toBe(true);
  return answers.map(({ text }) => text);
}

const withoutSpaces = (text: string): string => text.replaceAll(/\s+/gu, "");

function contract(openHot: () => Promise<HotStore>): void {
  test("an edited question is answered once more, wherever the process is killed", async () => {
    await using world = await openWorld(openHot);
    await killAtEachStep(
      world,
      async (name) => reworded(`${name}-b`, "better?", { conversation: `fake:room:${name}` }),
      async (name) => {
        const [, answer] = await expectOneEach(world, name);
        expect(answer).toMatch(/better/u);
      },
    );
  });

  test("an answer is regenerated once, wherever the process is killed", async () => {
    await using world = await openWorld(openHot);
    const calls = await killAtEachStep(
      world,
      (name) => pressAt(world, name, "regenerate"),
      async (name, old) => {
        const texts = await expectOneEach(world, name);
        expect(texts.join(" ")).not.toContain(old);
        const records = await world.records(`fake:room:${name}`);
        expect(records.filter(({ replaces }) => replaces !== undefined)).toHaveLength(1);
      },
    );
    expect(calls.filter((call) => call === "inbox.accept")).toHaveLength(2);
  });

  test("a verdict on an answer is archived once, wherever the process is killed", async () => {
    await using world = await openWorld(openHot);
    await killAtEachStep(
      world,
      (name) => pressAt(world, name, "thumbs-down"),
      async (name) => {
        const [rated, ...more] = await world.feedback(`fake:room:${name}`);
        expect(more).toEqual([]);
        expect(rated).toMatchObject({ author: "ada", verdict: "down" });
        const [, , , answer] = await world.remembered(`fake:room:${name}`);
        expect(rated?.record.id).toBe(answer?.turnId);
        await expectOneEach(world, name);
      },
    );
  });

  test("a cut answer is continued once, wherever the process is killed", async () => {
    await using world = await openWorld(openHot);
    world.model.isCut = true;
    await killAtEachStep(
      world,
      (name) => pressAt(world, name, "continue"),
      async (name, old) => {
        const [, answer = ""] = await expectOneEach(world, name);
        expect(answer).toContain(old.slice(0, "Answer 1".length));
        expect(answer.match(/Answer/gu)).toHaveLength(2);
      },
    );
  });

  test("a press under an answer that is shown and not finished yet counts after a kill", async () => {
    await using world = await openWorld(openHot);
    let later = 0;
    await killAtEachStep(
      world,
      (name) => pressAt(world, name, "regenerate"),
      async (name) => {
        await expectOneEach(world, name);
        const records = await world.records(`fake:room:${name}`);
        const replaced = records.flatMap(({ replaces }) => replaces ?? []);
        const early = world.early.get(name);
        if (early === undefined) return;
        later += 1;
        expect(replaced).toContain(early);
      },
      async (name, next) => {
        const conversation: ConversationKey = `fake:room:${name}`;
        const known = new Set((await world.remembered(conversation)).map(({ turnId }) => turnId));
        const shown = shownIn(world, name).flatMap(({ post: { actions = [] } }) => actions);
        const early = shown.find(({ id, on }) => id === "regenerate" && !known.has(on));
        if (early?.on === undefined) return;
        world.early.set(name, early.on);
        const { value: _, ...press } = pressed("regenerate", "", 1_000);
        await next.accept({ ...press, conversation, on: early.on });
      },
    );
    expect(later).toBeGreaterThan(0);
  });
}

describe("with SQLite", () => {
  contract(openSqliteHotStore);
});

describe.skipIf(redisIsMissing)("with Redis", () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedisServer();
  });
  afterAll(() => server[Symbol.asyncDispose]());
  contract(() => openRedisHotStore(server.url));
});
