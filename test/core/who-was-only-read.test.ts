import { describe, expect, test } from "vitest";

import type { ConversationKey } from "../../src/domain/conversation.ts";
import { said } from "../support/core/inbounds.ts";
import { looker } from "../support/core/looker.ts";
import { openRealBench, type RealBench } from "../support/core/real-bench.ts";
import { BackfilledPlatform } from "../support/core/seeded-platform.ts";

const patiently = { timeout: 20_000, interval: 5 };
const secret = "swordfish-4711";
const club = { conversation: "fake:club:1", place: "club" } as const;

/** Cleo never wrote to the bot: it read her words when it was called. */
function openAmongReaders(options: Parameters<typeof openRealBench>[0] = {}) {
  return openRealBench({ ...options, platform: new BackfilledPlatform("seeded words", 500) });
}

/** Begins to forget somebody, until these conversations have yet to hear of it. */
async function beginToForget(core: RealBench, conversations: readonly ConversationKey[]) {
  const forgetting = core.forget();
  for (const conversation of conversations) {
    const kinds = async (): Promise<readonly string[]> =>
      (await core.stores.inbox.waiting(conversation, core.signal)).map(({ inbound }) => inbound.kind);
    await expect.poll(kinds, patiently).toContain("forgot");
  }
  return { done: forgetting };
}

/** Where a question is found after Cleo, or somebody else, was forgotten. */
async function askWhileForgetting(core: RealBench, by: string, conversations: readonly ConversationKey[]) {
  await core.say("hello", "hello");
  await core.file();
  await core.order("forget", "me yes", { by, conversation: "fake:desk" });
  await core.accept(said("question", "where is the zebra?", { saidAtMs: core.clock.nowMs() }));
  const { done } = await beginToForget(core, conversations);
  await core.settle();
  const place = (await core.remembered())?.place;
  await done;
  await core.rest();
  const [here, nowhere] = [await core.find("zebra"), await core.find("zebra", "")];
  return { place, here: here.length, nowhere: nowhere.length };
}

describe("when somebody is forgotten whose words the bot only read", () => {
  test("a question that waits there is found where it was asked, with its answer", async () => {
    await using core = await openAmongReaders();
    expect(await askWhileForgetting(core, "cleo", ["fake:room:1"])).toEqual({
      place: "room",
      here: 2,
      nowhere: 0,
    });
    expect(await core.known()).not.toContain("seeded words");
  });

  test("a question elsewhere is not given what was said in a private place", async () => {
    let meanwhile = async (): Promise<void> => undefined;
    await using core = await openAmongReaders({
      model: looker((found) => `Found: ${found}`),
      archive: (real) => ({
        ...real,
        search: async (...given) => {
          await meanwhile();
          return real.search(...given);
        },
      }),
    });
    await core.say("x", "hello", club);
    await core.say("y", "hello");
    await core.file();
    await core.order("forget", "me yes", { by: "cleo", conversation: "fake:desk" });
    const saidAtMs = core.clock.nowMs();
    await core.accept(said("source", `my secret is ${secret}`, { ...club, saidAtMs }));
    await core.accept(said("question", "LOOK", { by: "bob", saidAtMs }));
    const { done } = await beginToForget(core, ["fake:club:1", "fake:room:1"]);
    // The club is filed every second, so also just now.
    meanwhile = core.file;
    await core.settle();
    await done;
    expect(core.platform.shown.join("\n")).toContain("Found");
    expect(core.platform.shown.join("\n")).not.toContain(secret);
    expect(await core.find(secret, "club")).toHaveLength(1);
  });
});

test("when somebody is forgotten of whom nothing is known, a question that waits is found too", async () => {
  await using core = await openAmongReaders();
  expect(await askWhileForgetting(core, "dora", [])).toEqual({ place: "room", here: 2, nowhere: 0 });
});

test("whoever is interrupted while forgetting them has told their conversations before the archive forgets where they are", async () => {
  await using core = await openAmongReaders({
    archive: (real) => ({
      ...real,
      forgetAuthor: async (...given) => {
        await real.forgetAuthor(...given);
        throw new Error("killed");
      },
    }),
  });
  await core.say("hello", "hello");
  await core.file();
  await core.order("forget", "me yes", { by: "cleo", conversation: "fake:desk" });
  await expect(core.forget()).rejects.toThrow("killed");
  await core.settle();
  await core.file();
  expect(await core.known()).not.toContain("seeded words");
});
