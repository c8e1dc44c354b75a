import { describe, expect, test } from "vitest";

import { commandInboxOf } from "../../../src/domain/conversation.ts";
import type { CommandInbound } from "../../../src/domain/inbound.ts";
import { valueOfChoice } from "../../../src/domain/offer.ts";
import { MemoryError } from "../../../src/ports/memory.ts";
import { PlatformError } from "../../../src/ports/platform-error.ts";
import { command, deleted, edited, pressed, said } from "../../support/core/inbounds.ts";
import { openRealBench, type RealBench } from "../../support/core/real-bench.ts";
import { ScriptedModel } from "../../support/core/scripted-model.ts";

const { signal } = new AbortController();
const ofAda = commandInboxOf("fake", "ada");
const channel = { conversation: "fake:channel" } as const;

/** A slash command in a channel, outside of its threads. */
const slash = (bench: RealBench, name: string, argument = ""): CommandInbound => ({
  ...command(name, argument, { ...channel, saidAtMs: bench.clock.nowMs() }),
  isOutside: true,
});
const answer = (bench: RealBench, id: string, text: string, more: Parameters<typeof said>[2] = {}) =>
  bench.take(said(id, text, { saidAtMs: bench.clock.nowMs(), ...more }));
/** How many times the list of commands was shown. It takes several posts. */
const helps = ({ platform }: RealBench): number =>
  platform.told.filter((text) => text.startsWith("Mention me")).length;
const direct = { conversation: "fake:dm:ada", place: "dm", addressing: "direct" } as const;

/** A bench whose answer to "q" runs until `go` is called. */
async function withRunningAnswer() {
  const model = new ScriptedModel();
  const { promise: mayAnswer, resolve: go } = Promise.withResolvers<void>();
  const { promise: isAsked, resolve: ask } = Promise.withResolvers<void>();
  const echo = model.script;
  const bench = await openRealBench({ model });
  await bench.say("a", "The roof garden opens at seven");
  model.script = async function* (prompt, stop) {
    ask();
    await mayAnswer;
    yield* echo(prompt, stop);
  };
  const asked = bench.say("q", "what is open?");
  await isAsked;
  return { bench, go, asked };
}

describe("a command about a place or a person", () => {
  test("is stored before it is acknowledged, and once", async () => {
    await using bench = await openRealBench();
    const help = slash(bench, "help");
    expect(await bench.accept(help)).toBe("stored");
    expect(await bench.accept(help)).toBe("duplicate");
    const waiting = await bench.stores.inbox.waiting(ofAda, signal);
    expect(waiting.map(({ inbound }) => inbound)).toMatchObject([{ kind: "delegated", command: help }]);
    await bench.settle();
    expect(await bench.accept(help)).toBe("duplicate");
    await bench.settle();
    expect(helps(bench)).toBe(1);
    expect(await bench.stores.inbox.waiting(ofAda, signal)).toEqual([]);
  });

  test("leaves no conversation behind, in a thread or outside of one", async () => {
    await using bench = await openRealBench();
    await bench.take(slash(bench, "help"));
    await bench.take(slash(bench, "recall", "roof"));
    await answer(bench, "c", "recall roof");
    await answer(bench, "d", "help");
    expect(helps(bench)).toBe(2);
    expect(bench.platform.told.filter((text) => text.startsWith("Nothing found"))).toHaveLength(2);
    for (const conversation of [channel.conversation, "fake:room:1", ofAda] as const) {
      expect(await bench.stores.directory.entry(conversation, signal)).toBe(undefined);
      expect(await bench.remembered(conversation)).toBe(undefined);
    }
    expect(await bench.stores.directory.ofAuthor("fake", "ada", 10, signal)).toEqual([]);
    expect(await bench.stores.outbox.pending(10, signal)).toEqual([]);
  });

  test("is answered while an answer runs in the same conversation", async () => {
    const { bench, go, asked } = await withRunningAnswer();
    await using _ = bench;
    await answer(bench, "c", "recall roof");
    expect(bench.platform.told).toEqual([expect.stringContaining("roof garden opens at seven")]);
    go();
    await asked;
    await bench.settle();
    expect(bench.platform.finished.at(-1)).toContain("what is open?");
  });

  test("finds nothing that was deleted or edited and still waits for its turn", async () => {
    await using bench = await openRealBench();
    await bench.say("a", "The roof garden opens at seven");
    await bench.say("b", "The roof is red");
    // It runs first, since it is accepted first.
    await bench.accept(slash(bench, "recall", "roof"));
    await bench.accept(said("x", "The roof is green", { saidAtMs: bench.clock.nowMs(), addressing: "open" }));
    for (const change of [edited("x", "The roof is blue"), edited("b", "The roof is white"), deleted("a")])
      await bench.accept(change);
    await bench.settle();
    expect(bench.platform.told).toHaveLength(1);
    expect(bench.platform.told.join()).not.toMatch(/opens at seven|green|red/u);
    expect(bench.platform.told.join()).toMatch(/blue.*white|white.*blue/su);
  });

  test("is shown again, and not lost, when the process ends before its finish", async () => {
    let isDying = true;
    await using bench = await openRealBench({
      stores: (real) => ({
        ...real,
        journal: {
          ...real.journal,
          finish: async (...given) => {
            if (isDying) throw new Error("the process ends here");
            return real.journal.finish(...given);
          },
        },
      }),
    });
    await bench.take(slash(bench, "help"));
    expect(await bench.stores.inbox.waiting(ofAda, signal)).toHaveLength(1);
    isDying = false;
    await bench.schedule(ofAda);
    expect(helps(bench)).toBe(2);
    expect(await bench.stores.inbox.waiting(ofAda, signal)).toEqual([]);
  });

  test("informs its person when it has to wait for memory", async () => {
    let isAway = true;
    await using bench = await openRealBench({
      stores: (real) => ({
        ...real,
        memories: {
          ...real.memories,
          read: async (...given) => {
            if (isAway) throw new MemoryError("away");
            return real.memories.read(...given);
          },
        },
      }),
    });
    const given = bench.order("recall", "roof");
    await expect.poll(() => bench.platform.told.length, { timeout: 80_000 }).toBe(1);
    expect(bench.platform.told[0]).toContain("`/recall`");
    isAway = false;
    await given;
    await bench.schedule(ofAda);
    expect(bench.platform.told.at(-1)).toContain("Nothing found");
  });

  test("closes a question that its person was asked in the same conversation", async () => {
    await using bench = await openRealBench();
    await bench.say("a", "my code is swordfish-4711");
    await answer(bench, "b", "forget this");
    expect(bench.platform.told.at(-1)).toContain("permanently deletes");
    await answer(bench, "c", "help");
    await bench.schedule("fake:room:1");
    expect(helps(bench)).toBe(1);
    await answer(bench, "d", "yes");
    await bench.rest();
    expect(await bench.known()).toContain("swordfish");
    expect(await bench.stores.inbox.waiting(ofAda, signal)).toEqual([]);
  });

  test("that is given up ends with an apology to its person alone", async () => {
    await using bench = await openRealBench({
      stores: (real) => ({
        ...real,
        outbox: {
          ...real.outbox,
          pending: async () => {
            throw new Error("a fault of the program");
          },
        },
      }),
    });
    await bench.take(slash(bench, "recall", "roof"));
    const again = async (): Promise<number> => {
      await bench.schedule(ofAda);
      return (await bench.letters()).length;
    };
    await expect.poll(again, { timeout: 60_000, interval: 1 }).toBe(1);
    expect(bench.platform.told).toEqual([expect.stringMatching(/reference/iu)]);
    expect(bench.platform.shown).toEqual([]);
    expect(await bench.stores.inbox.waiting(ofAda, signal)).toEqual([]);
  });

  test("is public in its conversation when the answer is for everyone", async () => {
    await using bench = await openRealBench();
    await bench.say("a", "The roof garden opens at seven");
    await bench.file();
    await bench.order("recall", "roof share");
    expect(bench.platform.shown.at(-1)).toContain("opens at seven");
    await bench.take(deleted("a"));
    expect(bench.platform.shown.join()).not.toContain("opens at seven");
  });
});

describe("a confirmation that a command requests outside of any conversation", () => {
  async function askedToForget(): Promise<RealBench> {
    const bench = await openRealBench();
    await bench.say("a", "my code is swordfish-4711");
    await bench.take(slash(bench, "forget", "me"));
    expect(bench.platform.told.at(-1)).toContain("permanently deletes");
    return bench;
  }

  test("accepts a yes in a DM, or one that mentions the bot", async () => {
    for (const more of [direct, { addressing: "mention" } as const]) {
      await using bench = await askedToForget();
      await answer(bench, "c", "yes", more);
      expect(bench.platform.told.at(-1)).toContain("Deleting now");
      await bench.rest();
      expect(await bench.known()).not.toContain("swordfish");
      expect(bench.model.prompts).toHaveLength(1);
    }
  });

  test("accepts no yes from other people, in passing, late, or after another answer", async () => {
    await using bench = await askedToForget();
    await answer(bench, "c", "yes", { ...direct, by: "bob", conversation: "fake:dm:bob" });
    await answer(bench, "d", "yes", { addressing: "open" });
    await bench.take(slash(bench, "help"));
    await answer(bench, "e", "yes", direct);
    await bench.take(slash(bench, "forget", "me"));
    await bench.take(slash(bench, "cancel"));
    await answer(bench, "f", "yes", direct);
    await bench.take(slash(bench, "forget", "me"));
    bench.clock.pass(5 * 60_000 + 1);
    await answer(bench, "g", "yes", direct);
    await bench.rest();
    expect(await bench.known()).toContain("swordfish");
  });

  test("accepts no yes if the question could not be shown to its person", async () => {
    await using bench = await openRealBench();
    await bench.say("a", "my code is swordfish-4711");
    bench.platform.before = (what) => {
      if (what === "tell") throw new PlatformError("forbidden", "DMs are closed", { closed: "direct" });
    };
    await bench.take(slash(bench, "forget", "me"));
    await answer(bench, "b", "forget this");
    bench.platform.before = () => undefined;
    await answer(bench, "c", "ok", { addressing: "open" });
    await answer(bench, "d", "ok", direct);
    await bench.rest();
    expect(await bench.known()).toContain("swordfish");
  });

  test("accepts no yes to something else, which waited since before the question", async () => {
    await using bench = await openRealBench();
    await bench.say("a", "my code is swordfish-4711");
    const yes = said("c", "yes", { ...direct, saidAtMs: bench.clock.nowMs() });
    await bench.stores.inbox.accept(yes, bench.clock.nowMs(), signal);
    await bench.take(slash(bench, "forget", "me"));
    expect(bench.platform.told.at(-1)).toContain("permanently deletes");
    await bench.schedule(direct.conversation);
    await bench.rest();
    expect(bench.platform.told.join()).not.toContain("Deleting now");
    expect(await bench.known()).toContain("swordfish");
  });

  test("is cancelled or given by its buttons", async () => {
    await using bench = await askedToForget();
    const press = (name: string, argument: string) => {
      const atMs = bench.clock.nowMs();
      const value = valueOfChoice({ name, argument }, atMs);
      return bench.take({ ...pressed("give-command", value, atMs), ...channel, isOutside: true });
    };
    await press("cancel", "");
    expect(bench.platform.told.at(-1)).toContain("Nothing has changed");
    await answer(bench, "c", "yes", direct);
    expect(bench.platform.told.join()).not.toContain("Deleting now");
    await press("forget", "me yes");
    expect(bench.platform.told.at(-1)).toContain("Deleting now");
    expect(await bench.stores.directory.entry(channel.conversation, signal)).toBe(undefined);
  });

  test("is erased with everything else of the person", async () => {
    await using bench = await openRealBench();
    await bench.say("a", "my code is swordfish-4711");
    await bench.take(slash(bench, "forget", "me yes"));
    // A question that came between the command and its end.
    await bench.take(slash(bench, "forget", "me"));
    expect(await bench.stores.confirmations.find("fake", "ada", signal)).toMatchObject({ name: "forget" });
    await bench.rest();
    expect(await bench.stores.confirmations.find("fake", "ada", signal)).toBe(undefined);
    expect(await bench.stores.directory.entry(channel.conversation, signal)).toBe(undefined);
  });
});
