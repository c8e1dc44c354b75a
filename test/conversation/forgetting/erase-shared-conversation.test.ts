import { describe, expect, test } from "vitest";

import { FakePlatform } from "../../support/core/fake-platform.ts";
import { openRealBench, type RealBench } from "../../support/core/real-bench.ts";
import type { TextFile } from "../../../src/ports/platform-private-replies.ts";

const secret = "swordfish-4711";
const hourMs = 3_600_000;
const elsewhere = { conversation: "fake:desk", place: "room" } as const;

/** Ada and Bob have talked, and the archive is in sync. */
async function openShared(forgetUndoHours = 24) {
  const files: TextFile[] = [];
  const platform = Object.assign(new FakePlatform(), {
    sendFilesPrivately: async (_to: unknown, given: { readonly files: readonly TextFile[] }) => {
      files.push(...given.files);
    },
    readable: async (_readers: unknown, places: readonly string[]) => places,
  });
  const bench = await openRealBench({ platform, forgetUndoHours });
  await bench.say("a", `my code is ${secret}`);
  await bench.say("b", "the harbour opens at seven", { by: "bob" });
  await bench.file();
  return Object.assign(bench, { files });
}

const promptOf = ({ model }: RealBench): string => JSON.stringify(model.prompts.at(-1)?.messages);

async function everythingShown(bench: Awaited<ReturnType<typeof openShared>>): Promise<string> {
  const { platform, model, files } = bench;
  const [told, shown, prompts] = [platform.told.length, platform.shown.length, model.prompts.length];
  await bench.say("x1", "what is the code?");
  await bench.order("summary");
  await bench.order("export");
  await bench.order("memory");
  await bench.order("recall", "code");
  await bench.order("recall", "code", elsewhere);
  await bench.say("x2", "what is the code?", elsewhere);
  const asked = JSON.stringify(
    model.prompts.slice(prompts).map(({ messages, calls }) => ({ messages, calls })),
  );
  return [...platform.told.slice(told), ...platform.shown.slice(shown), asked, JSON.stringify(files)].join(
    "\n",
  );
}

describe("a shared conversation that one person has deleted", () => {
  test("is announced with the person's name, and is hidden everywhere", async () => {
    await using bench = await openShared();
    await bench.order("forget", "this");
    expect(bench.platform.told.at(-1)).toContain("for all 2 people who have written here");
    await bench.order("forget", "this yes", { by: "bob" });
    expect(bench.platform.shown.at(-1)).toContain("**Bob** asked me to delete this conversation");
    expect(bench.platform.shown.at(-1)).toContain("24 hours");
    const shown = await everythingShown(bench);
    expect(shown).not.toContain(secret);
    expect(shown).not.toContain("harbour");
    const [entry] = await bench.stores.directory.recent("fake", "room", 10, bench.signal);
    expect(JSON.stringify(entry)).not.toContain("code is");
  });

  test("comes back whole after an undo in time, with the newer messages", async () => {
    await using bench = await openShared();
    await bench.order("forget", "this yes");
    await bench.say("c", "a new beginning", { by: "cleo" });
    expect(promptOf(bench)).not.toContain("harbour");
    bench.clock.pass(23 * hourMs);
    await bench.lapse();
    await bench.order("forget", "undo", { by: "bob" });
    expect(bench.platform.shown.at(-1)).toContain("Undone by **Bob**");
    await bench.say("d", "what is the code?");
    expect(promptOf(bench)).toMatch(new RegExp(`${secret}.*harbour.*a new beginning`, "u"));
    bench.clock.pass(48 * hourMs);
    await bench.lapse();
    await bench.rest();
    expect(await bench.known()).toContain(secret);
  });

  test("is erased after the undo time, without the newer messages", async () => {
    await using bench = await openShared();
    await bench.order("forget", "this yes");
    await bench.say("c", "a new beginning");
    bench.clock.pass(24 * hourMs);
    await bench.lapse();
    await bench.settle();
    await bench.file();
    await bench.lapse();
    await bench.rest();
    expect(await bench.known()).toContain("a new beginning");
    expect(await bench.known()).not.toContain(secret);
    expect(bench.kept()).not.toContain(secret);
    expect(await bench.stores.delayedErasures.due(Infinity, 10, bench.signal)).toEqual([]);
    await bench.order("forget", "undo");
    expect(bench.platform.told.at(-1)).toContain("no deleted conversation here");
  });

  test("is erased after a restart too", async () => {
    await using bench = await openShared();
    await bench.order("forget", "this yes");
    expect(await bench.stores.delayedErasures.due(Infinity, 10, bench.signal)).toHaveLength(1);
    expect((await bench.remembered())?.erasing).toMatchObject({ by: "ada", beforeOrdinal: 5 });
  });

  test("can't be restored by people who never wrote in it", async () => {
    await using bench = await openShared();
    await bench.order("forget", "this yes");
    await bench.order("forget", "undo", { by: "eve" });
    expect(bench.platform.told.at(-1)).toContain("Only people who have written");
    expect(await everythingShown(bench)).not.toContain(secret);
  });

  test("comes back as it was before a reset when both are undone", async () => {
    await using bench = await openShared();
    await bench.order("reset", "yes");
    await bench.say("c", "after the reset");
    await bench.order("forget", "this yes");
    await bench.order("reset", "undo");
    expect(bench.platform.told.at(-1)).toContain("no reset");
    await bench.order("forget", "undo");
    await bench.say("d", "and now?");
    expect(promptOf(bench)).toContain("after the reset");
    expect(promptOf(bench)).not.toContain(secret);
  });

  test("is erased at once, and announced, when undo is turned off", async () => {
    await using bench = await openShared(0);
    await bench.order("forget", "this yes");
    expect(bench.platform.shown.at(-1)).toContain("**Ada** asked me to delete this conversation");
    await bench.rest();
    expect(await bench.known()).not.toContain(secret);
    expect(await bench.known()).not.toMatch(/\bAda\b/u);
  });
});

test("messages from before the deletion are not backfilled while undo is possible", async () => {
  await using bench = await openShared();
  const saidAtMs = bench.clock.nowMs();
  await bench.order("forget", "this yes");
  const { said } = await import("../../support/core/inbounds.ts");
  const missed = { fromMs: saidAtMs - 1_000, toMs: saidAtMs };
  await bench.take(said("late", `also ${secret}`, { addressing: "open", saidAtMs, missed }));
  expect(await everythingShown(bench)).not.toContain(secret);
});

test("a conversation of one person is erased at once", async () => {
  await using bench = await openRealBench();
  await bench.say("a", `my code is ${secret}`);
  await bench.order("forget", "this yes");
  await bench.rest();
  expect(await bench.known()).not.toContain(secret);
});

test("a reset of a shared conversation is announced with the person's name", async () => {
  await using bench = await openShared();
  await bench.order("reset", "yes", { by: "bob" });
  expect(bench.platform.shown.at(-1)).toMatch(/^Fresh start: \*\*Bob\*\* reset this conversation/u);
});

test("an export that a process sends after it lost its claim is erased at once", async () => {
  const platform = Object.assign(new FakePlatform(), {
    sendFilesPrivately: async (_to: unknown, { files }: { readonly files: readonly TextFile[] }) => {
      const { files: store } = bench.ports;
      for (const { name, text } of files) {
        const { hash } = await store.put(Buffer.from(text), bench.signal);
        const untilMs = bench.clock.nowMs() + hourMs;
        await store.link({ conversation: "fake:room:1", name, untilMs }, hash, bench.signal);
      }
      linked = store.links.size;
      if (linked === 2 && isFrozen) await bench.stores.journal.claim("fake:room:1", "another", bench.signal);
    },
  });
  let isFrozen = true;
  let linked = 0;
  await using bench = await openRealBench({ platform });
  await bench.say("a", `my code is ${secret}`);
  await bench.file();
  await bench.order("export");
  expect(linked).toBe(2);
  expect(bench.ports.files.links.size).toBe(0);
  expect(bench.ports.files.contents.size).toBe(0);
  isFrozen = false;
  await bench.schedule("fake:room:1");
  expect(bench.ports.files.links.size).toBe(2);
});
