import { expect, test, describe } from "vitest";

import type { ConversationMemory } from "../../../src/domain/conversation-memory.ts";
import type { Archive } from "../../../src/ports/archive.ts";
import { systemClock as clock } from "../../../src/runtime/clock.ts";
import { openPostgresArchive } from "../../../src/storage/postgres/open-postgres-archive.ts";
import { memoryOf } from "../../support/core/memory-of.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import { rowsOf } from "../../support/postgres/inspect-keys.ts";
import { makePostgresDatabase, postgresIsMissing } from "../../support/postgres-database.ts";

const signal = AbortSignal.timeout(600_000);
const ports = { waitMs: 30_000, clock, log: new RecordingLog() };
const key = "fake:room:1";

const ada = { id: "ada", label: "Ada" };
const bob = { id: "bob", label: "Bob" };

async function save(
  archive: Archive,
  title: string,
  more: Partial<ConversationMemory> & { readonly revision: number },
): Promise<void> {
  const memory = memoryOf(key, { speakers: [ada], ...more });
  const head = { memory, listing: { title, lastAtMs: more.revision } };
  const batch = {
    conversation: key,
    platform: "fake",
    place: "room",
    erasures: [],
    messages: [],
    head,
  } as const;
  expect(await archive.syncNew([batch], signal)).toEqual([]);
}

/** Two replicas on one database. */
async function openReplicas() {
  const opened = new AsyncDisposableStack();
  const database = opened.use(await makePostgresDatabase());
  const one = opened.use(await openPostgresArchive(database.url, ports));
  const two = opened.use(await openPostgresArchive(database.url, ports));
  const keyNow = async (): Promise<unknown> =>
    (await rowsOf(database.url, "SELECT key FROM threadkeeper.head"))[0]?.["key"];
  return { one, two, keyNow, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

describe.skipIf(postgresIsMissing)(`heads in Postgres ${postgresIsMissing ?? ""}`, () => {
  test("keep their key while only numbers change, and get another one with each other text, whoever wrote the last one", async () => {
    await using replicas = await openReplicas();
    const { one, two, keyNow } = replicas;
    await save(one, "swordfish", { revision: 1 });
    const first = await keyNow();
    await save(one, "swordfish", { revision: 2, nextOrdinal: 9 });
    await save(two, "swordfish", { revision: 3 });
    expect(await keyNow()).toBe(first);
    await save(two, "mauve", { revision: 4 });
    const second = await keyNow();
    expect(second).not.toBe(first);
    // The first replica remembers these texts, but under a key that is gone.
    await save(one, "swordfish", { revision: 5 });
    const third = await keyNow();
    expect([first, second]).not.toContain(third);
    await save(one, "swordfish", { revision: 6 });
    expect(await keyNow()).toBe(third);
    expect((await two.findConversation(key, signal))?.head).toMatchObject({
      memory: { revision: 6 },
      listing: { title: "swordfish" },
    });
  });

  test("are found by the people who have spoken, as of the last one", async () => {
    await using replicas = await openReplicas();
    const { one, two } = replicas;
    const placesOf = async (author: string): Promise<number> =>
      (await one.locationsOf("fake", author, 1, signal)).length;
    await save(one, "hello", { revision: 1 });
    await save(two, "hello", { revision: 2, speakers: [ada, bob] });
    expect([await placesOf("ada"), await placesOf("bob")]).toEqual([1, 1]);
    await save(one, "hello", { revision: 3, speakers: [bob] });
    expect([await placesOf("ada"), await placesOf("bob")]).toEqual([0, 1]);
    await save(one, "hello", { revision: 4, speakers: [bob] });
    await save(two, "hello", { revision: 1, speakers: [ada] });
    expect([await placesOf("ada"), await placesOf("bob")]).toEqual([0, 1]);
  });
});
