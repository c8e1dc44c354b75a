import { describe, expect, test } from "vitest";

import type { ConversationKey } from "../../src/domain/conversation.ts";
import { said } from "../support/core/inbounds.ts";
import { looker } from "../support/core/looker.ts";
import { openRealBench, type RealBench } from "../support/core/real-bench.ts";
import { BackfilledPlatform } from "../support/core/seeded-platform.ts";

const patiently = { timeout: 60_000, interval: 5 };
const secret = "swordfish-4711";
const club = { conversation: "fake:club:1", place: "club" } as const;

/** Cleo never wrote to the bot: her message was backfilled. */
function openWithBackfill(options: Parameters<typeof openRealBench>[0] = {}) {
  return openRealBench({ ...options, platform: new BackfilledPlatform("seeded words", 500) });
}

/** Starts an erasure and waits until it is in the inboxes of these conversations. */
async function startErasure(core: RealBench, conversations: readonly ConversationKey[]) {
  const erasure = core.forget();
  for (const conversation of conversations) {
    const kinds = async (): Promise<readonly string[]> =>
      (await core.stores.inbox.waiting(conversation, core.signal)).map(({ inbound }) => inbound.kind);
    await expect.poll(kinds, patiently).toContain("forgot");
  }
  return { done: erasure };
}

/** Asks a question during an erasure. Resolves to the places where a search finds it afterwards. */
async function askDuringErasure(core: RealBench, by: string, conversations: readonly ConversationKey[]) {
  await core.say("hello", "hello");
  await core.file();
  await core.order("forget", "me yes", { by, conversation: "fake:desk" });
  await core.accept(said("question", "where is the zebra?", { saidAtMs: core.clock.nowMs() }));
  const { done } = await startErasure(core, conversations);
  await core.settle();
  const place = (await core.remembered())?.place;
  await done;
  await core.rest();
  const [here, nowhere] = [await core.find("zebra"), await core.find("zebra", "")];
  return { place, here: here.length, nowhere: nowhere.length };
}

describe("erasing an author of backfilled messages", () => {
  test("keeps the place of a waiting question and its answer", async () => {
    await using core = await openWithBackfill();
    expect(await askDuringErasure(core, "cleo", ["fake:room:1"])).toEqual({
      place: "room",
      here: 2,
      nowhere: 0,
    });
    expect(await core.known()).not.toContain("seeded words");
  });

  test("keeps messages of a private place out of answers elsewhere", async () => {
    let beforeSearch = async (): Promise<void> => undefined;
    await using core = await openWithBackfill({
      model: looker((found) => `Found: ${found}`),
      archive: (real) => ({
        ...real,
        search: async (...given) => {
          await beforeSearch();
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
    const { done } = await startErasure(core, ["fake:club:1", "fake:room:1"]);
    // Syncs the club's archive in between, as the job does every second.
    beforeSearch = core.file;
    await core.settle();
    await done;
    expect(core.platform.shown.join("\n")).toContain("Found");
    expect(core.platform.shown.join("\n")).not.toContain(secret);
    expect(await core.find(secret, "club")).toHaveLength(1);
  });
});

test("erasing an unknown author keeps the place of a waiting question", async () => {
  await using core = await openWithBackfill();
  expect(await askDuringErasure(core, "dora", [])).toEqual({ place: "room", here: 2, nowhere: 0 });
});

test("an interrupted erasure has reached the conversations before the archive forgets their locations", async () => {
  await using core = await openWithBackfill({
    archive: (real) => ({
      ...real,
      eraseAuthor: async (...given) => {
        await real.eraseAuthor(...given);
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
