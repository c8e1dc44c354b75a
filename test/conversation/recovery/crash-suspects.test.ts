import { describe, expect, test } from "vitest";

import { inboundFormat } from "../../../src/conversation/inbounds/registry.ts";
import type { ConversationKey } from "../../../src/domain/conversation.ts";
import { InProcessBroadcast } from "../../../src/engine/embedded/in-process-broadcast.ts";
import { InProcessInterruptions } from "../../../src/engine/embedded/in-process-interruptions.ts";
import { randomIds as ids } from "../../../src/runtime/ids.ts";
import { openSqliteStores } from "../../../src/storage/sqlite/open-sqlite-stores.ts";
import { FakePlatform } from "../../support/core/fake-platform.ts";
import { hastyClock } from "../../support/core/hasty-clock.ts";
import { said, stopped } from "../../support/core/inbounds.ts";
import { startMortalProcess, type MortalProcess } from "../../support/core/mortal-process.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import { ScriptedModel } from "../../support/core/scripted-model.ts";
import { putEmptyDatabases } from "../../support/sqlite/empty-databases.ts";
import { openThreadlessArchive } from "../../support/sqlite/threadless-archive.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const { signal } = new AbortController();
const patiently = { timeout: 60_000, interval: 2 };
const never = new Promise<never>(() => undefined);
const room = (index: number): ConversationKey => `fake:room:${index}`;

/** Stores that outlive the processes over them, and a model that asks the test what to do. */
async function openTown() {
  const opened = new AsyncDisposableStack();
  const folder = opened.use(temporaryFolder());
  const log = new RecordingLog();
  const listeners = { interruptions: new InProcessInterruptions(), broadcast: new InProcessBroadcast() };
  await putEmptyDatabases(folder.path);
  const stores = opened.use(
    await openSqliteStores(folder.path, { ids, inbounds: inboundFormat, log, listeners }),
  );
  const archive = opened.use(await openThreadlessArchive(folder.path, log));
  const platform = new FakePlatform();
  /** The questions that are being answered now, in the process that lives. */
  const asked: string[] = [];
  let onAsk: (question: string) => Promise<void> = async () => undefined;
  const model = new ScriptedModel(async function* (prompt) {
    const question = prompt.messages.at(-1)?.text ?? "";
    asked.push(question);
    await onAsk(question);
    yield `Answer to ${question}`;
  });
  let current: MortalProcess | undefined;
  const dying = async (): Promise<never> => {
    current?.kill();
    return never;
  };
  const isIdle = async (): Promise<boolean> => (await stores.inbox.due(Infinity, signal)).length === 0;
  return {
    stores,
    platform,
    model,
    asked,
    isIdle,
    onAsk: (what: (question: string) => Promise<void>) => (onAsk = what),
    /** What ends the process that does it. */
    dying,
    /** A text that ends the process as soon as the model is asked something with it. */
    poisonous: () => {
      onAsk = async () => {
        if (JSON.stringify(model.prompts.at(-1)).includes("poison")) await dying();
      };
    },
    start: async (): Promise<MortalProcess> => {
      asked.splice(0);
      current = startMortalProcess({ stores, archive, platform, model });
      await current.sweep(signal);
      return current;
    },
    letters: () => stores.deadLetters.list(signal),
    remembered: async (conversation: ConversationKey) =>
      (await stores.memories.read(conversation, signal)).memory?.messages ?? [],
    [Symbol.asyncDispose]: async () => {
      current?.kill();
      await opened.disposeAsync();
    },
  };
}

type Town = Awaited<ReturnType<typeof openTown>>;

async function ask(town: Town, index: number, text: string, id = `q${index}`): Promise<void> {
  await town.stores.inbox.accept(said(id, text, { conversation: room(index) }), hastyClock.nowMs(), signal);
}

/** Starts processes until one answers everything; gives how many were killed by what they did. */
async function startUntilQuiet(town: Town): Promise<number> {
  for (let deaths = 0; ; deaths += 1) {
    const process = await town.start();
    const isOver = async (): Promise<boolean> => {
      if (process.isDead()) return true;
      await process.sweep(signal);
      return town.isIdle();
    };
    await expect.poll(isOver, patiently).toBe(true);
    if (!process.isDead()) return deaths;
  }
}

describe("ten kills in a row during the same turns", () => {
  test.each([10, 2])("dead-letter none of %i harmless questions", async (questions) => {
    await using town = await openTown();
    for (let index = 0; index < questions; index += 1) await ask(town, index, `harmless ${index}`);
    town.onAsk(async () => never);
    for (let kills = 0; kills < 10; kills += 1) {
      const process = await town.start();
      // As unkind as can be: whenever something is under way.
      await expect.poll(() => town.asked.length, patiently).toBeGreaterThan(0);
      process.kill();
    }
    town.onAsk(async () => undefined);
    expect(await startUntilQuiet(town)).toBe(0);
    expect(await town.letters()).toEqual([]);
    for (let index = 0; index < questions; index += 1)
      expect((await town.remembered(room(index))).at(-1)?.text).toContain(`harmless ${index}`);
  });

  test("clear the suspicion if they happen during the pause before a trial", async () => {
    await using town = await openTown();
    await ask(town, 1, "harmless");
    town.onAsk(async () => never);
    for (let kills = 0; kills < 12; kills += 1) {
      const process = await town.start();
      const isHeldBack = kills > 2 && kills % 2 === 1;
      const isUnderWay = (): boolean => (isHeldBack ? process.log.lines.length > 0 : town.asked.length > 0);
      await expect.poll(isUnderWay, patiently).toBe(true);
      expect(town.asked).toHaveLength(isHeldBack ? 0 : 1);
      process.kill();
    }
    expect(await town.letters()).toEqual([]);
  });
});

test.each([1, 4])("a stored Stop ends the answer after the process died %i times", async (kills) => {
  await using town = await openTown();
  await ask(town, 1, "harmless");
  town.onAsk(async () => never);
  for (let kill = 1; kill <= kills; kill += 1) {
    const process = await town.start();
    await expect.poll(() => town.asked.length, patiently).toBe(1);
    if (kill === kills)
      await town.stores.inbox.accept(stopped({ conversation: room(1) }), hastyClock.nowMs(), signal);
    process.kill();
  }
  expect(await startUntilQuiet(town)).toBe(0);
  expect((await town.remembered(room(1))).at(-1)?.text).toBe("*(Stopped.)*");
});

describe("a text that ends the process", () => {
  test("affects no other conversation, and is dead-lettered after a few trials", async () => {
    await using town = await openTown();
    for (let index = 0; index < 10; index += 1)
      await ask(town, index, index === 3 ? "poison" : `harmless ${index}`);
    town.poisonous();
    expect(await startUntilQuiet(town)).toBeLessThanOrEqual(9);
    const letters = await town.letters();
    expect(letters.map(({ conversation }) => conversation)).toEqual([room(3)]);
    const reference = letters[0]?.reference ?? "none";
    expect(town.platform.shown.filter((text) => text.includes(reference))).toHaveLength(1);
    expect(await town.remembered(room(3))).toMatchObject([
      { id: "q3", text: "poison", isGivenUp: true },
      { role: "notice", answers: ["q3"], text: expect.stringContaining(reference) },
    ]);
    for (const index of [0, 1, 2, 4, 5, 6, 7, 8, 9])
      expect((await town.remembered(room(index))).at(-1)?.text).toContain(`harmless ${index}`);
    await ask(town, 3, "and now?", "q33");
    expect(await startUntilQuiet(town)).toBe(0);
    expect((await town.remembered(room(3))).at(-1)?.text).toContain("Answer to");
    expect(JSON.stringify(town.model.prompts.at(-1))).not.toContain("poison");
  });

  test("is dead-lettered alone from a burst of one conversation", async () => {
    await using town = await openTown();
    for (const [index, text] of ["one", "two", "poison", "four"].entries())
      await ask(town, 1, text, `m${index}`);
    town.poisonous();
    expect(await startUntilQuiet(town)).toBeLessThanOrEqual(9);
    expect((await town.letters()).flatMap(({ inbounds }) => inbounds)).toMatchObject([
      { message: { id: "m2" } },
    ]);
    const answered = (await town.remembered(room(1))).flatMap(({ role, answers }) =>
      role === "bot" ? answers : [],
    );
    expect(answered).toEqual(expect.arrayContaining(["m0", "m1", "m3"]));
  });

  test("is removed even if giving it up ends the process", async () => {
    await using town = await openTown();
    await ask(town, 1, "poison");
    town.platform.before = town.dying;
    town.onAsk(town.dying);
    expect(await startUntilQuiet(town)).toBeLessThanOrEqual(8);
    expect(await town.letters()).toHaveLength(1);
  });
});
