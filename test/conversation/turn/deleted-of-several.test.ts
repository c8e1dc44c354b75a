import { describe, expect, test } from "vitest";

import { limitReached } from "../../../src/conversation/text/user-messages.ts";
import { ModelError } from "../../../src/ports/model.ts";
import { PlatformError } from "../../../src/ports/platform-error.ts";
import { StoreError } from "../../../src/ports/store-error.ts";
import { openCoreBench } from "../../support/core/core-bench.ts";
import { FakeMemory } from "../../support/core/fake-memory.ts";
import { FakePlatform } from "../../support/core/fake-platform.ts";
import { command, removed, reworded, said } from "../../support/core/inbounds.ts";
import { noLimits } from "../../support/core/no-limits.ts";
import { openRealBench, type RealBench } from "../../support/core/real-bench.ts";
import { ScriptedModel } from "../../support/core/scripted-model.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const patiently = { timeout: 60_000, interval: 5 };

/** Repeats all that was said last. */
function parrot(isAway: () => boolean = () => false): ScriptedModel {
  return new ScriptedModel(async function* ({ messages }) {
    if (isAway()) throw new ModelError("unreachable", "away");
    const last = messages.findLastIndex(({ role }) => role === "bot");
    yield messages
      .slice(last + 1)
      .map(({ text }) => text)
      .join(" / ");
  });
}

const ada = { id: "ada1", text: "my code is swordfish-4711" };
const bob = { id: "bob1", text: "when does the harbor open?", by: "bob" };
/** Among several people a reset asks back. */
const adas = { id: "ada2", text: "when does the harbor open?" };
const eve = { id: "eve1", text: "what of the pelican-0815?", by: "eve" };

/** They ask together, and are answered once. */
async function askTogether(
  core: RealBench,
  ...asked: readonly (typeof ada & { by?: string })[]
): Promise<void> {
  for (const { id, text, ...by } of asked) await core.accept(said(id, text, by));
  await core.settle();
}

const again = "Bob: when does the harbor open?";

describe("a deleted question that shares its answer with another", () => {
  test("leaves the other one answered once, in the same post, however often the deletion is delivered", async () => {
    await using core = await openRealBench({ model: parrot() });
    await core.say("hello", "hello", { by: "bob" });
    await askTogether(core, ada, bob);
    const before = core.platform.posts.length;
    const deletion = removed("ada1");
    await core.take(deletion);
    await core.take(deletion);
    await core.take(removed("ada1"));
    expect(core.platform.shown).toEqual([expect.anything(), again]);
    expect(core.platform.posts).toHaveLength(before);
    expect(core.model.prompts).toHaveLength(3);
    await core.rest();
    expect(core.platform.shown).toEqual([expect.anything(), again]);
    expect(await core.known()).not.toContain("swordfish");
    expect((await core.archived()).at(-1)).toMatchObject({ text: again, answers: ["bob1"] });
    await core.take(removed("bob1"));
    expect(core.platform.shown).toHaveLength(1);
  });

  test("leaves the other one answered when the archive has the old answer", async () => {
    await using core = await openRealBench({ model: parrot() });
    await askTogether(core, ada, bob);
    await core.rest();
    await core.take(removed("ada1"));
    await core.rest();
    expect(core.platform.shown).toEqual([again]);
    expect(await core.known()).not.toContain("swordfish");
    expect((await core.archived()).at(-1)).toMatchObject({ text: again, answers: ["bob1"] });
  });

  test("that is archived while the model is unreachable leaves the other one to be answered", async () => {
    let isAway = false;
    await using core = await openRealBench({ model: parrot(() => isAway) });
    await askTogether(core, ada, bob);
    await core.rest();
    isAway = true;
    await core.take(removed("ada1"));
    await core.rest();
    expect(core.platform.shown).toHaveLength(1);
    isAway = false;
    await core.take(removed("never said"));
    await core.rest();
    expect(core.platform.shown).toEqual([again]);
  });

  test("keeps an answer that does not mention it", async () => {
    const model = new ScriptedModel(async function* () {
      yield "At nine.";
    });
    await using core = await openRealBench({ model });
    await askTogether(core, ada, bob);
    await core.take(removed("ada1"));
    expect(core.platform.shown).toEqual(["At nine."]);
    expect(core.model.prompts).toHaveLength(1);
  });

  test("is followed by another deletion: the remaining question is answered", async () => {
    await using core = await openRealBench({ model: parrot() });
    await askTogether(core, ada, bob, eve);
    await core.accept(removed("ada1"));
    await core.accept(removed("eve1"));
    await core.settle();
    expect(core.platform.shown).toEqual([again]);
    expect(core.model.prompts).toHaveLength(2);
  });

  test("removes the answer when all its questions are deleted", async () => {
    await using core = await openRealBench({ model: parrot() });
    await askTogether(core, ada, bob);
    await core.accept(removed("ada1"));
    await core.accept(removed("bob1"));
    await core.settle();
    expect(core.platform.shown).toEqual([]);
    expect(core.model.prompts).toHaveLength(1);
  });

  test("that was edited right before leaves the other one to be answered", async () => {
    await using core = await openRealBench({ model: parrot() });
    await askTogether(core, ada, bob);
    await core.accept(reworded("ada1", "my code is herring-12"));
    await core.accept(removed("ada1"));
    await core.settle();
    expect(core.platform.shown).toEqual([again]);
  });

  test("disappears while the model is unreachable, and the others are answered afterwards", async () => {
    let isAway = false;
    const platform = new FakePlatform({ postChars: 40 });
    await using core = await openRealBench({ model: parrot(() => isAway), platform });
    await askTogether(core, ada, bob, eve);
    expect(platform.shown.length).toBeGreaterThan(1);
    isAway = true;
    await core.take(removed("ada1"));
    expect(platform.shown).toHaveLength(1);
    expect(JSON.stringify(platform.shown)).not.toContain("swordfish");
    expect(await core.known()).not.toContain("swordfish");
    await core.take(removed("eve1"));
    isAway = false;
    await core.take(removed("never said"));
    expect(platform.shown).toEqual([again]);
    expect(core.model.prompts.filter(({ messages }) => messages.length === 1)).not.toEqual([]);
  });

  test("leads to a notice when a daily limit prevents the new answer", async () => {
    const limits = { ...noLimits, placeTurns: 1 };
    await using core = await openRealBench({ model: parrot(), limits });
    await askTogether(core, ada, bob);
    await core.take(removed("ada1"));
    expect(core.platform.shown).toEqual([limitReached("placeTurns", core.clock.nowMs())]);
    expect(core.model.prompts).toHaveLength(1);
  });

  test("needs no new answer after a reset", async () => {
    await using core = await openRealBench({ model: parrot() });
    await askTogether(core, ada, adas);
    await core.take(command("reset"));
    await core.take(removed("ada1"));
    expect(core.model.prompts).toHaveLength(1);
    expect(JSON.stringify(core.platform.shown)).not.toContain("swordfish");
  });

  test("gets no new answer when a reset comes first, and no post announces one", async () => {
    await using core = await openRealBench({ model: parrot() });
    await askTogether(core, ada, adas);
    await core.accept(removed("ada1"));
    await core.accept(command("reset"));
    await core.settle();
    expect(core.model.prompts).toHaveLength(1);
    expect(JSON.stringify(core.platform.shown)).not.toMatch(/swordfish|answering/u);
  });

  test("does not make the bot answer messages to other people", async () => {
    await using core = await openRealBench({ model: parrot() });
    await core.say("hello", "hello", { by: "bob" });
    await core.accept(said("ada1", "lunch, Bob?", { addressing: "others" }));
    await core.accept(said("bob1", "the swordfish-4711 is fresh", { by: "bob" }));
    await core.settle();
    expect(core.model.prompts).toHaveLength(2);
    await core.take(removed("bob1"));
    expect(core.model.prompts).toHaveLength(2);
    expect(core.platform.shown).toHaveLength(1);
  });

  test("has its effect once if the stores fail before that is saved", async () => {
    let isDying = false;
    await using core = await openRealBench({
      model: parrot(),
      stores: (real) => ({
        ...real,
        journal: {
          ...real.journal,
          finish: async (...given) => {
            if (isDying) {
              isDying = false;
              throw new StoreError("gone");
            }
            return real.journal.finish(...given);
          },
        },
      }),
    });
    await askTogether(core, ada, bob);
    isDying = true;
    await core.take(removed("ada1"));
    expect(isDying).toBe(false);
    expect(core.platform.shown).toEqual([again]);
    expect(core.model.prompts).toHaveLength(2);
  });

  test("loses its post if that can't be edited, and the other one gets a new post", async () => {
    const platform = new FakePlatform();
    await using core = await openRealBench({ model: parrot(), platform });
    await askTogether(core, ada, bob);
    platform.before = (what) => {
      if (what === "edit") throw new PlatformError("rejected", "no");
      if (what === "delete") platform.before = () => undefined;
    };
    await core.take(removed("ada1"));
    expect(platform.posts[0]?.isDeleted).toBe(true);
    expect(platform.shown).toEqual([again]);
  });

  test("leaves the other one to be answered after a restart", async () => {
    using folder = temporaryFolder();
    const platform = new FakePlatform();
    const memories = new FakeMemory();
    const kept = { dataDir: folder.path, platform, memories };
    let isAway = false;
    {
      await using core = await openCoreBench({ ...kept, model: parrot(() => isAway) });
      await core.accept(said("hello", "hello", { by: "bob" }));
      platform.before = async (what) => {
        // Both wait behind what is being written.
        if (what !== "create") return;
        platform.before = () => undefined;
        await core.accept(said("ada1", ada.text));
        await core.accept(said("bob1", bob.text, { by: "bob" }));
      };
      await expect.poll(() => platform.shown.join(), patiently).toContain("swordfish");
      await core.whenIdle();
      isAway = true;
      await core.accept(removed("ada1"));
      await expect.poll(() => platform.shown.join(), patiently).not.toContain("swordfish");
      await expect
        .poll(() => JSON.stringify([...memories.records.values()]), patiently)
        .not.toContain("swordfish");
      expect(core.isIdle()).toBe(false);
    }
    const shown = platform.posts.length;
    await using core = await openCoreBench({ ...kept, model: parrot() });
    await core.whenIdle();
    expect(platform.shown.at(-1)).toBe(again);
    expect(platform.posts).toHaveLength(shown);
  });
});
