import { describe, expect, test } from "vitest";

import { syncArchive } from "../../../src/conversation/archive/sync-archive.ts";
import { ModelError } from "../../../src/ports/model.ts";
import { deleted, edited, erased, reworded } from "../../support/core/inbounds.ts";
import { looker } from "../../support/core/looker.ts";
import { openRealBench, type RealBench } from "../../support/core/real-bench.ts";

const secret = "swordfish-4711";
const here = "fake:room:1";
const elsewhere = { conversation: "fake:room:2" } as const;

/** Answers with the secret that it looked up. */
const secretLooker = () => looker((found) => `It is ${/my secret is (\S+)/u.exec(found)?.[1]} [1].`);

/** Bob's answer uses what Ada said in another conversation. */
async function lookUpElsewhere(core: RealBench): Promise<void> {
  await core.say("source", `my secret is ${secret}`, elsewhere);
  await core.file();
  await core.say("question", "LOOK", { by: "bob" });
  expect(answer(core)).toMatchObject({ text: `It is ${secret}.`, isDeleted: false });
}

/** What the post of Bob's first answer shows. */
function answer({ platform }: RealBench) {
  const [, shown] = platform.posts;
  return { text: shown?.post.text.split("\n")[0], isDeleted: shown?.isDeleted };
}

const stands = { text: "Noted.", isDeleted: false };

async function syncOnly(core: RealBench, conversation: string): Promise<void> {
  for (const each of await core.stores.outbox.pending(10, core.signal))
    if (each.conversation === conversation) await syncArchive(core.ports, each, core.signal);
}

/** All that memory and archive hold, and all that people see. */
async function everything(core: RealBench): Promise<string> {
  return [
    await core.known(here),
    await core.known(elsewhere.conversation),
    ...core.platform.shown,
    JSON.stringify(await core.letters()),
  ].join("\n");
}

async function forgetAda(core: RealBench): Promise<void> {
  await core.order("forget", "me yes", elsewhere);
  await core.rest();
  expect(core.platform.told.join("\n")).toContain("Done.");
}

const changes: readonly (readonly [string, (core: RealBench) => Promise<void>])[] = [
  ["is edited", (core) => core.take(edited("source", "nothing", elsewhere))],
  ["is deleted", (core) => core.take(deleted("source", elsewhere))],
  ["is erased with its conversation", (core) => core.take({ ...erased(), ...elsewhere })],
  ["is erased with its author", forgetAda],
];

describe("an answer whose source in another conversation is removed or edited", () => {
  test.each(changes)(
    "stands if it was given again without the source, which %s before that is synced",
    async (_name, change) => {
      await using core = await openRealBench({ model: secretLooker() });
      await lookUpElsewhere(core);
      await core.file();
      await core.take(reworded("question", "hello"));
      expect(answer(core)).toEqual(stands);
      await change(core);
      await syncOnly(core, elsewhere.conversation);
      await core.settle();
      expect(answer(core)).toEqual(stands);
      await core.rest();
      expect(answer(core)).toEqual(stands);
      expect((await core.archived()).at(-1)?.text).toBe("Noted.");
      expect(await everything(core)).not.toContain(secret);
    },
  );

  test.each(changes)(
    "goes if it was given again with the source, which %s before that is synced",
    async (_name, change) => {
      await using core = await openRealBench({ model: secretLooker() });
      await lookUpElsewhere(core);
      await core.file();
      await core.take(reworded("question", "LOOK again"));
      expect(answer(core).text).toContain(secret);
      await change(core);
      await syncOnly(core, elsewhere.conversation);
      await core.rest();
      expect(await everything(core)).not.toContain(secret);
    },
  );

  test.each(changes)("goes if it is synced while the source %s in the archive", async (_name, change) => {
    let between = async (): Promise<void> => undefined;
    await using core = await openRealBench({
      model: secretLooker(),
      archive: (real) => ({
        ...real,
        derivedFrom: async (...given) => {
          const found = await real.derivedFrom(...given);
          if (given[0] === elsewhere.conversation) await between();
          return found;
        },
      }),
    });
    await lookUpElsewhere(core);
    let count = 0;
    // As another replica does at the same time.
    between = async () => {
      count += 1;
      if (count === 1) await syncArchive(core.ports, { conversation: here, syncedRevision: 0 }, core.signal);
    };
    await change(core);
    await syncOnly(core, elsewhere.conversation);
    expect(count).toBeGreaterThan(0);
    await core.rest();
    expect(await everything(core)).not.toContain(secret);
  });

  test.each([elsewhere, { conversation: here }] as const)(
    "goes if it is archived while its author is erased, in whose conversation it had left memory: $conversation",
    async (home) => {
      let before = async (): Promise<void> => undefined;
      await using core = await openRealBench({
        contextTokens: 400,
        model: secretLooker(),
        archive: (real) => ({
          ...real,
          eraseAuthor: async (...given) => {
            await before();
            return real.eraseAuthor(...given);
          },
        }),
      });
      await core.say("source", `my secret is ${secret}`, home);
      await core.chat(30, { by: "bob", ...home });
      expect(await core.holds("source", home.conversation)).toBe(false);
      await core.say("question", "LOOK", { by: "bob" });
      expect(core.platform.shown.at(-1)).toContain(secret);
      let count = 0;
      // As another replica does at the same time.
      before = async () => {
        count += 1;
        if (count === 1)
          await syncArchive(core.ports, { conversation: here, syncedRevision: 0 }, core.signal);
      };
      await core.order("forget", "me yes", home);
      await core.rest();
      expect(count).toBeGreaterThan(0);
      const known = [await core.known(here), await core.known(elsewhere.conversation)].join("\n");
      expect(known).not.toContain(secret);
    },
  );

  test("is given again if its question is edited before the retraction arrives", async () => {
    let between = async (): Promise<unknown> => undefined;
    await using core = await openRealBench({
      model: secretLooker(),
      archive: (real) => ({
        ...real,
        derivedFrom: async (...given) => {
          await between();
          return real.derivedFrom(...given);
        },
      }),
    });
    await lookUpElsewhere(core);
    await core.file();
    await core.take(deleted("source", elsewhere));
    const edit = reworded("question", "hello");
    between = () => core.accept(edit);
    await syncOnly(core, elsewhere.conversation);
    await core.rest();
    expect(core.platform.shown).toEqual(["Noted."]);
    expect(await everything(core)).not.toContain(secret);
  });

  test("leaves no trace while it waits to be given again, and is given afterwards", async () => {
    let isAway = false;
    const model = secretLooker();
    const { script } = model;
    model.script = async function* (...given) {
      if (isAway) throw new ModelError("unreachable", "away");
      yield* script(...given);
    };
    await using core = await openRealBench({ model });
    await lookUpElsewhere(core);
    await core.file();
    isAway = true;
    await core.take(reworded("question", "hello"));
    await core.take(deleted("source", elsewhere));
    await syncOnly(core, elsewhere.conversation);
    await core.rest();
    expect(await everything(core)).not.toContain(secret);
    isAway = false;
    await core.take(deleted("never said"));
    await core.rest();
    expect(core.platform.shown).toEqual(["Noted."]);
  });

  test("goes with its newest source, though an earlier retraction came too late for it", async () => {
    await using core = await openRealBench({ model: secretLooker() });
    await lookUpElsewhere(core);
    await core.file();
    await core.take(reworded("question", "hello"));
    await core.take(edited("source", "my secret is herring-12", elsewhere));
    await syncOnly(core, elsewhere.conversation);
    await core.rest();
    await core.take(reworded("question", "LOOK again"));
    expect(answer(core).text).toContain("herring-12");
    await core.rest();
    await core.take(deleted("source", elsewhere));
    await core.rest();
    expect(await everything(core)).not.toContain("herring-12");
  });
});
