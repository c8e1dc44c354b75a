import { describe, expect, test } from "vitest";

import type { ConversationKey } from "../../src/domain/conversation.ts";
import type { Pressed } from "../../src/domain/inbound.ts";
import { ModelError } from "../../src/ports/model.ts";
import { openHotBench } from "../support/core/hot-bench.ts";
import { openSqliteHotStore } from "../support/core/hot-store.ts";
import { command, deleted, pressed, removed, reworded, said } from "../support/core/inbounds.ts";
import { noLimits } from "../support/core/no-limits.ts";
import { openRealBench, type RealBench } from "../support/core/real-bench.ts";
import { ScriptedModel } from "../support/core/scripted-model.ts";

const here: ConversationKey = "fake:room:1";
const dayMs = 86_400_000;

/** Each answer has its own number, so that it is known which one stands where. */
function numbered(before: () => Promise<void> | void = () => undefined): ScriptedModel {
  let answers = 0;
  return new ScriptedModel(async function* (prompt) {
    const number = (answers += 1);
    yield `Answer ${number} `;
    await before();
    yield `to ${prompt.messages.findLast(({ role }) => role === "person")?.text ?? ""}.`;
  });
}

/** A press of a button under an answer. */
function pressOn(
  on: string,
  { by = "ada", action = "regenerate", conversation = here, atMs = 1_000 } = {},
): Pressed {
  const { value: _, ...press } = pressed(action, "", atMs);
  return { ...press, conversation, on, by: { id: by, name: by } };
}

type Shown = Pick<RealBench, "platform">;

/** The turn that the buttons under a post name. */
function turnUnder({ platform }: Shown, index: number): string {
  const { post } = platform.posts.filter(({ isDeleted }) => !isDeleted)[index] ?? {};
  return post?.actions?.find(({ id }) => id === "regenerate")?.on ?? "none";
}

const shownFirst = ({ platform }: Shown): string => platform.shown[0] ?? "";

/** What memory and archive hold is what people see, and nothing of another version. */
async function expectNewestOnly(bench: RealBench, ...gone: readonly string[]): Promise<void> {
  await bench.rest();
  const kept = ((await bench.remembered())?.messages ?? []).map(({ text }) => text);
  expect(kept.filter((text) => text.startsWith("Answer"))).toEqual(bench.platform.shown);
  expect((await bench.archived()).map(({ text }) => text)).toEqual(kept);
  await bench.say("last", "and now?", { by: "ada" });
  const everything =
    JSON.stringify([bench.model.prompts.at(-1), bench.platform.shown]) + (await bench.known());
  for (const text of gone) expect(everything).not.toContain(text);
  expect(everything).not.toContain("answering this again");
}

describe("an answer that is regenerated", () => {
  test("is given once for a thousand presses, in a bounded number of calls", async () => {
    await using bench = await openRealBench({ model: numbered() });
    await bench.say("a", "one?");
    const on = turnUnder(bench, 0);
    for (let index = 0; index < 1_000; index += 1)
      await bench.accept(pressOn(on, { by: index % 2 === 0 ? "ada" : "grace" }));
    const startedMs = performance.now();
    await bench.settle();
    expect(performance.now() - startedMs).toBeLessThan(10_000);
    expect(bench.model.prompts).toHaveLength(2);
    expect(bench.platform.told).toEqual([]);
    expect(bench.platform.shown).toEqual(["Answer 2 to Ada: one?."]);
    await expectNewestOnly(bench, "Answer 1");
  });

  test("is given once for a press that is delivered again, before and after it", async () => {
    await using bench = await openRealBench({ model: numbered() });
    await bench.say("a", "one?");
    await bench.say("b", "two?");
    const press = pressOn(turnUnder(bench, 0));
    await bench.take(press);
    await bench.take(press);
    await bench.take(pressOn(press.on, { by: "ada" }));
    expect(bench.model.prompts).toHaveLength(3);
    expect(bench.platform.shown).toEqual(["Answer 3 to Ada: one?.", "Answer 2 to Ada: two?."]);
    await expectNewestOnly(bench, "Answer 1");
  });

  test.each(["before", "behind"])(
    "is not given in a chapter that a reset ended %s the press",
    async (when) => {
      await using bench = await openRealBench({ model: numbered() });
      await bench.say("a", "one?");
      const press = pressOn(turnUnder(bench, 0), { atMs: bench.clock.nowMs() });
      const reset = command("reset", "yes", { saidAtMs: bench.clock.nowMs() });
      for (const each of when === "before" ? [reset, press] : [press, reset]) await bench.accept(each);
      await bench.settle();
      await bench.rest();
      await bench.say("b", "two?");
      const prompt = JSON.stringify(bench.model.prompts.at(-1));
      expect(prompt).not.toContain("one?");
      const kept = (await bench.remembered())?.messages.filter(({ role }) => role === "bot") ?? [];
      const texts = bench.platform.shown.filter((text) => text.startsWith("Answer"));
      expect(kept.map(({ text }) => text)).toEqual(texts);
      expect(texts).toHaveLength(2);
      expect(bench.platform.told.filter((text) => text.includes("too far back"))).toHaveLength(1);
    },
  );

  test("goes with its conversation, whatever was pressed before and since", async () => {
    await using bench = await openRealBench({ model: numbered(), forgetUndoHours: 0 });
    await bench.say("a", "swordfish?");
    const on = turnUnder(bench, 0);
    await bench.accept(pressOn(on));
    await bench.accept(command("forget", "this yes", { saidAtMs: bench.clock.nowMs() }));
    await bench.settle();
    await bench.rest();
    await bench.take(pressOn(on));
    await bench.rest();
    expect(await bench.known()).not.toContain("swordfish");
    expect(await bench.known()).not.toContain("Answer");
    await bench.say("b", "two?");
    expect(JSON.stringify(bench.model.prompts.at(-1))).not.toContain("swordfish");
  });

  test("is not given while its conversation is forgotten, and comes back as it was with an undo", async () => {
    await using bench = await openRealBench({ model: numbered() });
    await bench.say("a", "one?");
    await bench.say("b", "two?", { by: "grace" });
    const on = turnUnder(bench, 0);
    await bench.take(pressOn(on));
    const newest = turnUnder(bench, 0);
    await bench.order("forget", "this yes");
    await bench.take(pressOn(newest));
    expect(bench.model.prompts).toHaveLength(3);
    await bench.order("forget", "undo");
    await bench.rest();
    const known = await bench.known();
    expect(known).toContain("Answer 3");
    expect(known).not.toContain("Answer 1");
    await bench.say("c", "three?");
    const prompt = JSON.stringify(bench.model.prompts.at(-1));
    expect(prompt).toContain("Answer 3");
    expect(prompt).not.toContain("Answer 1");
  });

  test.each(["before", "during"])(
    "answers the newest text of a question that is edited %s it",
    async (when) => {
      let onAnswer = async (): Promise<void> => undefined;
      await using bench = await openRealBench({ model: numbered(() => onAnswer()) });
      await bench.say("a", "swordfish?");
      await bench.say("b", "two?");
      const edit = reworded("a", "better?");
      if (when === "before") await bench.accept(edit);
      else
        onAnswer = async () => {
          onAnswer = async () => undefined;
          await bench.accept(edit);
        };
      await bench.take(pressOn(turnUnder(bench, 0)));
      await bench.settle();
      expect(shownFirst(bench)).toMatch(/to Ada: better\?/u);
      expect(bench.platform.shown).toHaveLength(2);
      await expectNewestOnly(bench, "swordfish", "Answer 1 ");
    },
  );

  test.each(["before", "during"])("goes when its question is deleted %s it", async (when) => {
    let onAnswer = async (): Promise<void> => undefined;
    await using bench = await openRealBench({ model: numbered(() => onAnswer()) });
    await bench.say("a", "swordfish?");
    await bench.say("b", "two?");
    const on = turnUnder(bench, 0);
    if (when === "before") await bench.accept(removed("a"));
    else
      onAnswer = async () => {
        onAnswer = async () => undefined;
        await bench.accept(removed("a"));
      };
    await bench.take(pressOn(on));
    await bench.settle();
    expect(bench.platform.shown).toEqual(["Answer 2 to Ada: two?."]);
    await expectNewestOnly(bench, "swordfish", "Answer 1 ");
  });

  test.each(["before", "during"])(
    "goes, or has a new post, when people delete its post %s it",
    async (when) => {
      let onAnswer = async (): Promise<void> => undefined;
      await using bench = await openRealBench({ model: numbered(() => onAnswer()) });
      await bench.say("a", "one?");
      await bench.say("b", "two?");
      const on = turnUnder(bench, 0);
      const first = bench.platform.posts[0];
      const id = first?.id ?? "";
      const remove = async (): Promise<void> => {
        onAnswer = async () => undefined;
        if (first !== undefined) first.isDeleted = true;
        await bench.accept(deleted(id));
      };
      if (when === "before") await remove();
      else onAnswer = remove;
      await bench.take(pressOn(on));
      await bench.settle();
      expect(bench.platform.shown.join()).not.toContain("Answer 1 ");
      await expectNewestOnly(bench, "Answer 1 ");
    },
  );

  test("stays as it was while the model is away, says so, and is given when it is back", async () => {
    let isAway = false;
    await using bench = await openRealBench({
      model: numbered(() => {
        if (isAway) throw new ModelError("refused", "away");
      }),
    });
    await bench.say("a", "one?");
    const on = turnUnder(bench, 0);
    isAway = true;
    await bench.take(pressOn(on));
    expect(bench.platform.shown).toEqual(["Answer 1 to Ada: one?."]);
    expect(bench.platform.told).toHaveLength(1);
    expect(turnUnder(bench, 0)).toBe(on);
    isAway = false;
    bench.clock.pass(60_000);
    await bench.take(pressOn(on));
    expect(bench.platform.shown).toEqual(["Answer 3 to Ada: one?."]);
    await expectNewestOnly(bench, "Answer 1 ", "Answer 2 ");
  });

  test("stays as it was at the daily limit of the person who presses", async () => {
    const limits = { ...noLimits, personTurns: 2 };
    await using bench = await openRealBench({ model: numbered(), limits });
    await bench.say("a", "one?");
    await bench.take(pressOn(turnUnder(bench, 0)));
    expect(bench.platform.shown).toEqual(["Answer 2 to Ada: one?."]);
    await bench.take(pressOn(turnUnder(bench, 0)));
    expect(bench.platform.shown).toEqual(["Answer 2 to Ada: one?."]);
    expect(bench.platform.told).toEqual([expect.stringMatching(/today|daily|limit/iu)]);
    expect(bench.model.prompts).toHaveLength(2);
    const kept = ((await bench.remembered())?.messages ?? []).map(({ text }) => text);
    expect(kept).toEqual(["one?", "Answer 2 to Ada: one?."]);
  });

  test("is none of another conversation, of a command or of a person, whatever turn a press names", async () => {
    await using bench = await openRealBench({ model: numbered() });
    await bench.say("a", "one?");
    await bench.say("b", "two?", { conversation: "fake:room:2" });
    await bench.order("summary", "share");
    await bench.rest();
    const asked = bench.model.prompts.length;
    const before = JSON.stringify(bench.platform.shown);
    const records = (await bench.records()).map(({ id }) => id);
    const ofCommand = (await bench.records()).find(({ command: name }) => name !== undefined)?.id ?? "";
    const elsewhere = turnUnder(bench, 1);
    for (const on of [elsewhere, ofCommand, "", here, "room/post-1", "a", "no such turn"]) {
      await bench.take(pressOn(on));
      await bench.take(pressOn(on, { action: "continue" }));
      await bench.take(pressOn(on, { by: "eve" }));
    }
    await bench.take(pressOn(turnUnder(bench, 0), { conversation: "fake:room:2" }));
    expect(records).toContain(ofCommand);
    expect(bench.model.prompts).toHaveLength(asked);
    expect(JSON.stringify(bench.platform.shown)).toBe(before);
  });

  test("is not given for a person who may not have it, and not continued where it is whole", async () => {
    await using bench = await openRealBench({ model: numbered() });
    await bench.say("a", "one?");
    await bench.take(pressOn(turnUnder(bench, 0), { action: "continue" }));
    expect(bench.model.prompts).toHaveLength(1);
    expect(bench.platform.told).toEqual([]);
  });

  test("is not given when it has left the window", async () => {
    await using bench = await openRealBench({ contextTokens: 400 });
    await bench.say("a", "what is it?");
    const on = turnUnder(bench, 0);
    await bench.chat(60);
    const asked = bench.model.prompts.length;
    const first = shownFirst(bench);
    await bench.take(pressOn(on));
    expect(bench.model.prompts).toHaveLength(asked);
    expect(shownFirst(bench)).toBe(first);
    expect(bench.platform.told.at(-1)).toMatch(/too far back/u);
  });
});

describe("an answer whose conversation lies in the archive alone", () => {
  test.each(["evicted", "lost"])("is regenerated after it was %s, and once", async (how) => {
    await using bench = await openHotBench(openSqliteHotStore, { model: numbered() });
    await bench.say("a", "one?");
    await bench.say("b", "two?");
    await bench.file();
    const on = turnUnder(bench, 0);
    bench.clock.pass(22 * dayMs);
    if (how === "evicted") await bench.core().chore("rest");
    else await bench.hot.lose();
    expect(await bench.memory()).toBeUndefined();
    bench.restart();
    await bench.take(pressOn(on));
    await bench.take(pressOn(on));
    expect(bench.model.prompts).toHaveLength(3);
    expect(bench.platform.shown).toEqual(["Answer 3 to Ada: one?.", "Answer 2 to Ada: two?."]);
    await bench.core().rest();
    const rows = (await bench.rows()).map(({ text }) => text);
    expect(rows).toEqual(["one?", "Answer 3 to Ada: one?.", "two?", "Answer 2 to Ada: two?."]);
    await bench.take(pressOn(turnUnder(bench, 0)));
    expect(bench.platform.shown[0]).toBe("Answer 4 to Ada: one?.");
  });

  test("leaves the archive as soon as that is reachable again", async () => {
    await using bench = await openHotBench(openSqliteHotStore, { model: numbered() });
    await bench.say("a", "one?");
    await bench.file();
    bench.breaker.isDown = true;
    await bench.take(pressOn(turnUnder(bench, 0)));
    expect(bench.platform.shown).toEqual(["Answer 2 to Ada: one?."]);
    bench.breaker.isDown = false;
    await bench.core().rest();
    expect(JSON.stringify(await bench.rows())).not.toContain("Answer 1");
    await bench.hot.lose();
    bench.restart();
    await bench.take(said("c", "three?", { saidAtMs: bench.clock.nowMs() }));
    expect(bench.prompt()).not.toContain("Answer 1");
    expect(bench.prompt()).toContain("Answer 2");
  });
});
