import { describe, expect, test } from "vitest";

import { inboundFormat } from "../../../src/conversation/inbounds/registry.ts";
import { nextMemory } from "../../../src/conversation/remembering/next-memory.ts";
import type { ConversationKey } from "../../../src/domain/conversation.ts";
import type { Titled } from "../../../src/domain/own-inbounds.ts";
import { InProcessBroadcast } from "../../../src/engine/embedded/in-process-broadcast.ts";
import { InProcessInterruptions } from "../../../src/engine/embedded/in-process-interruptions.ts";
import { ModelError } from "../../../src/ports/model.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { randomIds as ids } from "../../../src/runtime/ids.ts";
import { openSqliteStores } from "../../../src/storage/sqlite/open-sqlite-stores.ts";
import { turnShown } from "../../support/core/again-bench.ts";
import { againPress, command, deleted, edited, erased, said } from "../../support/core/inbounds.ts";
import { memoryOf } from "../../support/core/memory-of.ts";
import { noLimits } from "../../support/core/no-limits.ts";
import { openRealCore } from "../../support/core/real-core.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import { ScriptedModel } from "../../support/core/scripted-model.ts";
import { isTitling, TitlingPlatform } from "../../support/core/titling.ts";
import { filesIn } from "../../support/every-byte.ts";
import { putEmptyDatabases } from "../../support/sqlite/empty-databases.ts";
import { openThreadlessArchive } from "../../support/sqlite/threadless-archive.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { budgetOf } from "../../../src/conversation/memory/budget.ts";

const key: ConversationKey = "fake:room:1";
const question = "How do I get the violet paint off a wooden fence, and when?";
const firstWords = { title: question, isListed: true };
const made = { title: "Violet paint on wood", isListed: true };

/** The core with a model that says this for a title. */
async function openScene(say: string | Error = "Violet paint on wood", more: object = {}) {
  const opened = new AsyncDisposableStack();
  const { path } = opened.use(temporaryFolder());
  const log = new RecordingLog();
  const listeners = { interruptions: new InProcessInterruptions(), broadcast: new InProcessBroadcast() };
  await putEmptyDatabases(path);
  const stores = opened.use(await openSqliteStores(path, { ids, inbounds: inboundFormat, log, listeners }));
  const archive = opened.use(await openThreadlessArchive(path, log));
  const platform = new TitlingPlatform();
  const holds = { title: Promise.resolve() };
  const model = new ScriptedModel(async function* (prompt, signal) {
    if (!isTitling(prompt)) yield "With warm water, in May.";
    else {
      await Promise.race([holds.title, aborted(signal)]);
      if (say instanceof Error) throw say;
      yield say;
    }
  });
  const core = openRealCore({ stores, archive, platform, model, contextTokens: 4_000, ...more });
  const does = async (...inbounds: Parameters<typeof core.accept>[0][]): Promise<void> => {
    for (const inbound of inbounds) await core.accept(inbound);
    await core.settle();
  };
  const listed = async () => {
    const [entry] = await core.ports.directory.recent("fake", "room", 9, core.signal);
    return { title: entry?.title ?? "", isListed: entry !== undefined };
  };
  return {
    core,
    model,
    platform,
    holds,
    stores,
    path,
    does,
    listed,
    /** A question with its answer, and what comes of it. */
    begin: async (): Promise<void> => {
      await does(said("m1", question));
      await core.titleAll();
      await core.settle();
    },
    asked: () => model.prompts.filter(isTitling).length,
    remembered: async () => (await core.ports.memories.read(key, core.signal)).memory,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

async function aborted(signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  signal.throwIfAborted();
}

describe("a title that the model makes after the first answer", () => {
  test("names the conversation, is shown, and is made once", async () => {
    await using scene = await openScene();
    await scene.does(said("m1", question));
    expect(await scene.listed()).toEqual(firstWords);
    expect(scene.asked()).toBe(0);
    await scene.core.titleAll();
    await scene.core.settle();
    expect(await scene.listed()).toEqual(made);
    expect(scene.platform.titled).toEqual([key]);
    for (const id of ["m2", "m3"]) {
      await scene.does(said(id, "And then?"));
      await scene.core.titleAll();
    }
    await scene.core.settle();
    expect(scene.asked()).toBe(1);
    expect(await scene.listed()).toEqual(made);
    expect(JSON.stringify(scene.core.log.lines)).not.toMatch(/violet/iu);
  });

  test("is made from question and answer, and follows no instructions in them", async () => {
    await using scene = await openScene();
    await scene.begin();
    const prompt = scene.model.prompts.find(isTitling);
    expect(prompt?.messages).toEqual([
      {
        role: "person",
        text: `Messages:\n[1] Ada: ${question}\n[2] Threadkeeper: With warm water, in May.\n\nWrite the title now.`,
      },
    ]);
    expect(prompt).not.toHaveProperty("tools");
  });

  test("costs no more for a long beginning", async () => {
    await using scene = await openScene();
    await scene.does(said("m1", "paint ".repeat(10_000)));
    await scene.core.titleAll();
    expect(scene.model.prompts.find(isTitling)?.messages[0]?.text.length).toBeLessThan(3_500);
  });

  test("is requested once by several replicas", async () => {
    await using scene = await openScene();
    await scene.does(said("m1", question));
    const hold = Promise.withResolvers<void>();
    scene.holds.title = hold.promise;
    const first = scene.core.titleAll();
    await expect.poll(scene.asked).toBe(1);
    // Asked for again, while it is made and while it waits.
    await scene.does(said("m2", "And then?"));
    await scene.core.titleAll();
    hold.resolve();
    await first;
    scene.core.requestTitle(key);
    await scene.core.titleAll();
    await scene.core.settle();
    scene.core.requestTitle(key);
    await scene.core.titleAll();
    expect(scene.asked()).toBe(1);
    expect(await scene.listed()).toEqual(made);
  });

  test("is made after the next answer if the process ended before", async () => {
    await using scene = await openScene();
    await scene.does(said("m1", question));
    scene.core.forgetRequests();
    await scene.does(said("m2", "And then?"));
    await scene.core.titleAll();
    await scene.core.settle();
    expect(await scene.listed()).toEqual(made);
  });

  test("does not replace a name that a person gave", async () => {
    await using scene = await openScene();
    await scene.does(said("m1", question));
    await scene.core.ports.directory.rename(key, "The fence", scene.core.signal);
    await scene.core.titleAll();
    await scene.core.settle();
    expect(await scene.listed()).toEqual({ title: "The fence", isListed: true });
  });

  test("is made again from the new answer where its answer is regenerated, but replaces no name", async () => {
    await using scene = await openScene();
    await scene.begin();
    await scene.does(againPress("regenerate", turnShown(scene)));
    expect(await scene.listed()).toEqual(firstWords);
    expect(scene.platform.titled).toEqual([key, key]);
    await scene.core.titleAll();
    await scene.core.settle();
    expect(await scene.listed()).toEqual(made);
    expect(scene.asked()).toBe(2);
    expect((await scene.remembered())?.titledFrom).toHaveLength(2);

    await scene.core.ports.directory.rename(key, "Fence", scene.core.signal);
    await scene.does(againPress("regenerate", turnShown(scene)));
    await scene.core.titleAll();
    await scene.core.settle();
    expect((await scene.listed()).title).toBe("Fence");
  });

  test("keeps its title where the answer is continued, or only fails to come again", async () => {
    await using scene = await openScene();
    scene.model.isCut = true;
    await scene.does(said("m1", question));
    scene.model.isCut = false;
    await scene.core.titleAll();
    await scene.core.settle();
    await scene.does(againPress("continue", turnShown(scene)));
    scene.model.script = async function* () {
      yield "Of course";
      throw new ModelError("refused", "no");
    };
    await scene.does(againPress("regenerate", turnShown(scene)));
    expect(await scene.listed()).toEqual(made);
    expect(scene.asked()).toBe(1);
  });

  describe("on a chat service that shows titles", () => {
    async function openChat() {
      const scene = await openScene();
      const shown: string[] = [];
      scene.platform.titleChanged = undefined;
      Object.assign(scene.platform, {
        showsTitles: (conversation: ConversationKey) => conversation === key,
        showTitle: async (_: ConversationKey, isErased: boolean) => {
          const { title } = await scene.listed();
          shown.push(isErased ? `without ${title}` : title);
        },
      });
      return { scene, shown };
    }

    test("is shown there, and first words are not, until it has to go", async () => {
      const { scene: opened, shown } = await openChat();
      await using scene = opened;
      await scene.begin();
      expect(scene.asked()).toBe(1);
      await expect.poll(() => shown).toEqual([made.title]);
      await scene.does(edited("m1", "How do I get paint off a fence?"));
      await expect.poll(() => shown).toEqual([made.title, "How do I get paint off a fence?"]);
    });

    test("goes before the erasure of its conversation is stored", async () => {
      const { scene: opened, shown } = await openChat();
      await using scene = opened;
      await scene.begin();
      await scene.does(erased());
      expect(shown).toEqual([made.title, `without ${made.title}`]);
    });
  });

  test("is never made where titles are not shown", async () => {
    await using scene = await openScene();
    scene.platform.titleChanged = undefined;
    await scene.begin();
    expect(scene.asked()).toBe(0);
  });

  test.each([
    ["the provider refuses", new ModelError("refused", "No")],
    ["the provider is unavailable", new ModelError("unreachable", "Away")],
    ["nothing comes", ""],
    ["it is the answer again", "With warm water, in May."],
    ["it is long", "A long and winding title about violet paint on many wooden fences in May"],
    ["it is a call", '{"name":"recall","arguments":{}}'],
  ])("falls back to the first words where %s, and is not requested again", async (_why, say) => {
    await using scene = await openScene(say);
    await scene.begin();
    const tries = scene.asked();
    await scene.does(said("m2", "And then?"));
    await scene.core.titleAll();
    await scene.core.settle();
    expect(await scene.listed()).toEqual(firstWords);
    expect(scene.asked()).toBe(tries);
    expect(scene.platform.titled.length).toBeLessThanOrEqual(1);
  });

  test("falls back to the first words if the model takes too long", async () => {
    await using scene = await openScene("Too late", { titleMs: 50 });
    scene.holds.title = new Promise(() => undefined);
    await scene.begin();
    expect(await scene.listed()).toEqual(firstWords);
    expect(await scene.remembered()).toMatchObject({ titledFrom: [] });
  });

  test("is not requested beyond the place's limits, and is charged to the place", async () => {
    const limits = { ...noLimits, placeTokens: 200 };
    await using scene = await openScene("Violet paint on wood", { limits });
    scene.model.usage = { promptTokens: 150, cachedTokens: 0, replyTokens: 30 };
    await scene.begin();
    expect(scene.asked()).toBe(0);
    expect(await scene.listed()).toEqual(firstWords);
    expect(await scene.remembered()).not.toHaveProperty("titledFrom");
  });

  test.each([
    ["the question is deleted", [deleted("m1")], { title: "", isListed: true }],
    ["the question is edited", [edited("m1", "What is blue?")], { title: "What is blue?", isListed: true }],
    ["the conversation is reset", [command("reset", "yes")], firstWords],
    ["the conversation is erased", [command("forget", "this yes")], { title: "", isListed: false }],
    ["the conversation is removed", [erased()], { title: "", isListed: false }],
    ["the person is erased", [command("forget", "me yes")], { title: "", isListed: true }],
  ])("is removed when %s, even if it is not finished", async (_how, inbounds, then) => {
    await using late = await openScene();
    await late.does(said("m1", question));
    const hold = Promise.withResolvers<void>();
    late.holds.title = hold.promise;
    const making = late.core.titleAll();
    await expect.poll(late.asked).toBe(1);
    await late.does(...inbounds);
    await late.core.rest();
    hold.resolve();
    await making;
    await late.core.settle();
    expect(await late.listed()).toMatchObject({ title: then.title });
    await late.core.rest();
    // Told, and not taken yet.
    await using waiting = await openScene();
    await waiting.does(said("m1", question));
    await waiting.core.titleAll();
    await waiting.does(...inbounds);
    await waiting.core.rest();
    // Made long before.
    await using old = await openScene();
    await old.begin();
    await old.core.rest();
    expect(await old.listed()).toEqual(made);
    await old.does(...inbounds);
    await old.core.rest();
    for (const scene of [late, waiting, old]) {
      expect((await scene.listed()).title).toBe(then.title);
      // A reset deletes nothing.
      expect(then.title === question || !filesIn(scene.path).includes(made.title)).toBe(true);
    }
  });

  test("is removed with the answer it was made from, long after both left memory", async () => {
    await using scene = await openScene("Violet paint on wood", { contextTokens: 300 });
    await scene.begin();
    for (let count = 2; count < 20; count += 1) {
      await scene.does(
        said(`m${count}`, `Tell me more about fences, number ${count}, please. ${"la ".repeat(20)}`),
      );
      await scene.core.file();
    }
    const known = (await scene.remembered())?.messages.map(({ id }) => id);
    expect(known).not.toContain("m1");
    expect(await scene.listed()).toEqual(made);
    await scene.does(deleted("m1"));
    await scene.core.rest();
    expect((await scene.listed()).title).not.toBe(made.title);
    expect(filesIn(scene.path)).not.toContain(made.title);
  });

  test("stays when other messages are removed", async () => {
    await using scene = await openScene();
    await scene.begin();
    await scene.does(said("m2", "And then?"));
    await scene.does(edited("m2", "And now?"));
    await scene.does(deleted("m2"));
    await scene.core.rest();
    expect(await scene.listed()).toEqual(made);
  });

  test("leaves no trace if it arrives too late", async () => {
    const late: Titled = {
      kind: "titled",
      conversation: key,
      platform: "fake",
      place: "room",
      dedupeId: "late",
      from: ["m1", "r1"],
      revision: 9,
      title: "Violet paint on wood",
    };
    const ports = {
      model: new ScriptedModel(),
      budget: budgetOf(4_000),
      clock: systemClock,
      platforms: new Map(),
      retentionDays: 0,
    };
    const plan = { kind: "listen", covers: [], changes: [late], said: [] } as const;
    const location = { platform: "fake", place: "room" };
    const before = memoryOf(key, { nextOrdinal: 3 });
    const { memory, traces } = await nextMemory(ports, {
      before,
      location,
      plan,
      backfill: undefined,
      syncedRevision: 0,
    });
    expect(memory).not.toHaveProperty("titledFrom");
    // The stores follow as with an edit: what was stored of it goes from their files too.
    expect(traces).toEqual({ gone: [], changed: ["m1", "r1"], title: "" });
  });

  test("is not stored twice, nor for another beginning", async () => {
    await using scene = await openScene();
    await scene.begin();
    const memory = await scene.remembered();
    const again: Titled = {
      kind: "titled",
      conversation: key,
      platform: "fake",
      place: "room",
      dedupeId: "again",
      from: memory?.titledFrom ?? [],
      revision: memory?.revision ?? 0,
      title: "Another title",
    };
    await scene.does(again);
    expect(await scene.listed()).toEqual(made);
  });
});
