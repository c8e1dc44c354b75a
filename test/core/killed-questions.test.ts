import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { placeInboxOf, type ConversationKey } from "../../src/domain/conversation.ts";
import type { Inbound, Said } from "../../src/domain/inbound.ts";
import { valueOfChoice } from "../../src/domain/offer.ts";
import { FakePlatform } from "../support/core/fake-platform.ts";
import { HandClock } from "../support/core/hand-clock.ts";
import { openRedisHotStore, openSqliteHotStore, type HotStore } from "../support/core/hot-store.ts";
import { InMemoryFiles } from "../support/core/in-memory-files.ts";
import { command, pressed, said } from "../support/core/inbounds.ts";
import { openKillableCore } from "../support/core/killable-core.ts";
import { RecordingLog } from "../support/core/recording-log.ts";
import { ScriptedModel } from "../support/core/scripted-model.ts";
import { redisIsMissing, startRedisServer, type RedisServer } from "../support/redis-server.ts";
import { putEmptyDatabases } from "../support/sqlite/empty-databases.ts";
import { openThreadlessArchive } from "../support/sqlite/threadless-archive.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const { signal } = new AbortController();

/** Stores, files, an archive and a platform that outlive the processes over them. */
async function openWorld(openHot: () => Promise<HotStore>) {
  const opened = new AsyncDisposableStack();
  const hot = opened.use(await openHot());
  opened.defer(async () => void (await hot.lose()));
  const folder = opened.use(temporaryFolder());
  await putEmptyDatabases(folder.path);
  const archive = opened.use(await openThreadlessArchive(folder.path, new RecordingLog()));
  const platform = new FakePlatform({ postChars: 200 });
  const clock = new HandClock();
  const files = new InMemoryFiles(clock);
  const model = new ScriptedModel(async function* () {
    yield "Forty-two, and more words that fill a second post of this reply, as long answers do. ".repeat(4);
  });
  const ports = { stores: hot.stores, archive, platform, model, clock, files };
  return {
    platform,
    clock,
    start: (diesBefore?: number) => openKillableCore(ports, diesBefore),
    isIdle: async () => (await hot.stores.inbox.due(Infinity, signal)).length === 0,
    remembered: async (conversation: ConversationKey) =>
      (await hot.stores.memories.read(conversation, signal)).memory?.messages ?? [],
    entry: (conversation: ConversationKey) => hot.stores.directory.entry(conversation, signal),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

type World = Awaited<ReturnType<typeof openWorld>>;

const roomOf = (step: number): ConversationKey => `fake:room:r${step}`;

/** Has one process for each step die before that step, and another go on. `check` looks at the end. */
async function killAtEachStep(
  world: World,
  inboundOf: (conversation: ConversationKey, step: number) => Promise<Inbound>,
  check: (
    conversation: ConversationKey,
    from: { readonly told: number; readonly posts: number },
  ) => Promise<void>,
): Promise<void> {
  for (let step = 0; ; step += 1) {
    const conversation = roomOf(step);
    const inbound = await inboundOf(conversation, step);
    const from = { told: world.platform.told.length, posts: world.platform.posts.length };
    const dying = world.start(step);
    const isWhole = (await dying.accept(inbound)) && (await dying.settle()) && (await dying.file());
    const next = world.start();
    await next.accept(inbound);
    await next.settle();
    await next.sweep([conversation, `beside:${conversation}`, inbound.conversation]);
    await next.sweep([`beside:${conversation}`, "commands:fake:ada"]);
    await next.rest();
    try {
      await check(conversation, from);
      expect(await world.isIdle()).toBe(true);
    } catch (error) {
      throw new Error(`Killed before ${dying.calls.length}, after ${dying.calls.at(-1) ?? "nothing"}`, {
        cause: error,
      });
    }
    if (isWhole) return;
  }
}

/** A question of Ada's about a message that Bob wrote. */
async function askIn(world: World, conversation: ConversationKey, isKnown: boolean): Promise<Inbound> {
  const about: Said = said(`${conversation}-m`, "the code is swordfish", {
    by: "bob",
    conversation,
    addressing: "open",
  });
  if (isKnown) {
    const core = world.start();
    await core.accept(said(`${conversation}-a`, "hello bot", { conversation }));
    await core.settle();
    await core.accept(about);
    await core.settle();
  }
  const asked = { ...command("ask", "which code?", { conversation, saidAtMs: world.clock.nowMs() }), about };
  return isKnown ? asked : { ...asked, isOutside: true };
}

function contract(openHot: () => Promise<HotStore>): void {
  test.each([
    ["in a conversation", true],
    ["where the bot does not know the thread", false],
  ])("a question about a message is answered wherever the process is killed, %s", async (_, isKnown) => {
    await using world = await openWorld(openHot);
    await killAtEachStep(
      world,
      (conversation) => askIn(world, conversation, isKnown),
      async (conversation, { told }) => {
        const lines = world.platform.told.slice(told).filter((text) => text.includes("Forty-two"));
        expect(lines.length).toBeGreaterThan(0);
        expect(JSON.stringify(await world.remembered(conversation))).not.toContain("which code");
        expect((await world.entry(conversation)) !== undefined).toBe(isKnown);
      },
    );
  });

  test("an answer is shown to everyone once, wherever the process is killed", async () => {
    await using world = await openWorld(openHot);
    await killAtEachStep(
      world,
      async (conversation) => {
        const core = world.start();
        await core.accept(await askIn(world, conversation, true));
        await core.settle();
        await core.sweep([`beside:${conversation}`]);
        const offer = world.platform.offers.at(-1);
        const [choice] = offer?.choices ?? [];
        if (offer === undefined || choice === undefined) throw new Error("Nothing was offered");
        const press = pressed("give-command", valueOfChoice(choice, offer.atMs), world.clock.nowMs());
        return { ...press, conversation };
      },
      async (conversation, { posts }) => {
        const shown = world.platform.posts.slice(posts).filter(({ isDeleted }) => !isDeleted);
        expect(shown.filter(({ post }) => post.text.includes("asked about"))).toHaveLength(1);
        const remembered = await world.remembered(conversation);
        expect(remembered.map(({ role }) => role)).toEqual(["person", "bot", "person", "person", "notice"]);
        const text = shown.map(({ post }) => post.text).join(" ");
        expect(remembered.at(-1)?.text.replaceAll(/\s+/gu, "")).toBe(text.replaceAll(/\s+/gu, ""));
      },
    );
  });

  test("the note where the bot is added stands there once, wherever the process is killed", async () => {
    await using world = await openWorld(openHot);
    await killAtEachStep(
      world,
      async (_conversation, step) => ({
        kind: "joined",
        conversation: placeInboxOf("fake", `room${step}`),
        dedupeId: `fake:joined:room${step}`,
        platform: "fake",
        place: `room${step}`,
        replyTo: { platform: "fake", target: { room: String(step) } },
      }),
      async (_conversation, { posts }) => {
        const shown = world.platform.posts.slice(posts).filter(({ isDeleted }) => !isDeleted);
        const texts = shown.map(({ post }) => post.text).join("\n");
        expect(texts.match(/Hi, I'm/gu)).toHaveLength(1);
        expect(texts.match(/To make me forget/gu)).toHaveLength(1);
      },
    );
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
