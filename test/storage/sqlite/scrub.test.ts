import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { inboundFormat as inbounds } from "../../../src/conversation/inbounds/registry.ts";
import type { Finish } from "../../../src/ports/journal.ts";
import type { ConversationKey } from "../../../src/domain/conversation.ts";
import { InProcessBroadcast } from "../../../src/engine/embedded/in-process-broadcast.ts";
import { InProcessInterruptions } from "../../../src/engine/embedded/in-process-interruptions.ts";
import { randomIds as ids } from "../../../src/runtime/ids.ts";
import { migrations } from "../../../src/storage/sqlite/database/migrations.ts";
import { openSqliteStores } from "../../../src/storage/sqlite/open-sqlite-stores.ts";
import { unallocatedRegion } from "../../../src/storage/sqlite/cleaning/unallocated-region.ts";
import { openSqliteDeadLetters } from "../../../src/storage/sqlite/stores/sqlite-dead-letters.ts";
import { edited, said } from "../../support/core/inbounds.ts";
import { memoryOf } from "../../support/core/memory-of.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

type Stores = Awaited<ReturnType<typeof openIn>>;

const signal = AbortSignal.timeout(600_000);
const key: ConversationKey = "fake:room:1";
const secret = "hunter2-CONFIDENTIAL";

/** With a conversation whose title reveals nothing. */
async function openIn(folder: string) {
  const listeners = { interruptions: new InProcessInterruptions(), broadcast: new InProcessBroadcast() };
  const stores = await openSqliteStores(folder, { ids, inbounds, log: new RecordingLog(), listeners });
  await stores.inbox.accept(said("t", "hello"), 1, signal);
  return stores;
}

function bytesIn(folder: string): string {
  return readdirSync(folder)
    .filter((name) => !name.endsWith("-shm"))
    .map((name) => readFileSync(join(folder, name), "latin1"))
    .join("\n");
}

/** Stores a memory with these texts, like a turn that answers what waits. */
async function finish(
  { journal, inbox }: Stores,
  conversation: ConversationKey,
  texts: readonly string[],
  more: Partial<Finish> = {},
): Promise<void> {
  const { lease } = await journal.claim(conversation, "w", signal);
  const covers = (await inbox.waiting(conversation, signal)).map(({ id }) => id);
  const messages = texts.map((text, index) => ({
    ...said(`m${index}`, text).message,
    role: "person" as const,
    speaker: "Ada",
    tokens: 1,
    chapter: 1,
    answers: [],
    ordinal: index + 1,
    revision: 1,
  }));
  const memory = memoryOf(conversation, { messages });
  await journal.finish(lease, { covers, posts: [], memory, ...more }, signal);
}

const isErased = { erase: true } as const;

describe("deleted data", () => {
  test.each([
    ["a message that was deleted", { gone: ["a"] }, undefined],
    ["a conversation that was erased", isErased, undefined],
    ["a message that was changed", {}, edited("a", "harmless")],
  ])("leaves no byte in the folder after a scrub: %s", async (_name, finishing, inbound) => {
    using folder = temporaryFolder();
    await using stores = await openIn(folder.path);
    await stores.inbox.accept(said("a", secret), 1, signal);
    await finish(stores, key, [secret]);
    if (inbound !== undefined) await stores.inbox.accept(inbound, 2, signal);
    await finish(stores, key, ["harmless"], finishing);
    expect(bytesIn(folder.path).includes(secret)).toBe(true);
    await stores.scrub(signal);
    expect(bytesIn(folder.path).includes(secret)).toBe(false);
    expect((await stores.memories.read(key, signal)).memory?.messages).toHaveLength(1);
  });

  test("leaves no byte in the folder, whatever was written before, beside and after it", async () => {
    const text = fc.string({ maxLength: 6_000, size: "max" });
    const step = fc.record({
      conversation: fc.nat(20),
      texts: fc.array(text, { maxLength: 4 }),
      isSecret: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40, size: "max" }), async (steps) => {
        using folder = temporaryFolder();
        await using stores = await openIn(folder.path);
        let count = 0;
        const told = new Set<ConversationKey>();
        for (const { conversation, texts, isSecret } of steps) {
          const where: ConversationKey = `fake:room:${conversation}`;
          const words = isSecret ? [...texts, `${secret} ${texts.join(" ")}`] : texts;
          if (isSecret) told.add(where);
          const hello = said(`t${conversation}`, "hello", { conversation: where });
          const message = said(`m${(count += 1)}`, words.join(" "), { conversation: where });
          for (const inbound of [hello, message]) await stores.inbox.accept(inbound, 1, signal);
          await finish(stores, where, words);
        }
        for (const where of told) await finish(stores, where, [], { gone: ["x"] });
        await stores.scrub(signal);
        expect(bytesIn(folder.path).includes(secret)).toBe(false);
      }),
      { numRuns: 15 },
    );
  });

  test("is scrubbed after a restart if the bot stopped before it could", async () => {
    using folder = temporaryFolder();
    {
      await using stores = await openIn(folder.path);
      await stores.inbox.accept(said("a", secret), 1, signal);
      await finish(stores, key, [secret]);
      await finish(stores, key, [], { gone: ["a"] });
    }
    await using stores = await openIn(folder.path);
    const before = bytesIn(folder.path);
    await stores.scrub(signal);
    const after = bytesIn(folder.path);
    expect(after === before).toBe(false);
    expect(after.includes(secret)).toBe(false);
    await stores.scrub(signal);
    expect(bytesIn(folder.path) === after).toBe(true);
  });

  test("is scrubbed the next time if another connection reads during a scrub", async () => {
    using folder = temporaryFolder();
    await using stores = await openIn(folder.path);
    await stores.inbox.accept(said("a", secret), 1, signal);
    await finish(stores, key, [secret]);
    await finish(stores, key, [], { gone: ["a"] });
    {
      using reader = new DatabaseSync(join(folder.path, "threadkeeper.sqlite"));
      reader.exec("BEGIN; SELECT * FROM keyv");
      await stores.scrub(signal);
      expect(bytesIn(folder.path).includes(secret)).toBe(true);
    }
    await stores.scrub(signal);
    expect(bytesIn(folder.path).includes(secret)).toBe(false);
  });
});

test("a database without writes since the last scrub is left unchanged", async () => {
  using folder = temporaryFolder();
  await using stores = await openIn(folder.path);
  await stores.inbox.accept(said("a", "hello"), 1, signal);
  await finish(stores, key, ["hello"]);
  await stores.scrub(signal);
  const before = bytesIn(folder.path);
  await stores.scrub(signal);
  expect(bytesIn(folder.path) === before).toBe(true);
});

test("bytes that an older version left in a file are scrubbed", async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, "threadkeeper.sqlite");
  {
    using database = new DatabaseSync(file);
    for (const migration of migrations.slice(0, 6)) database.exec(migration);
    database.exec(`PRAGMA journal_mode = WAL; PRAGMA user_version = 6;
      INSERT INTO keyv (key, value) VALUES ('memory:fake:room:1', 'broken')`);
  }
  // The former place of a row that SQLite moved to another page.
  const bytes = readFileSync(file);
  for (let page = 1; page <= bytes.length / 4_096; page += 1) {
    const gap = unallocatedRegion(bytes.subarray((page - 1) * 4_096, page * 4_096), page);
    if (gap !== undefined && gap.end - gap.start > 100)
      bytes.write(secret, (page - 1) * 4_096 + gap.end - 50, "latin1");
  }
  writeFileSync(file, bytes);
  expect(bytesIn(folder.path).includes(secret)).toBe(true);
  await using stores = await openIn(folder.path);
  await stores.scrub(signal);
  expect(bytesIn(folder.path).includes(secret)).toBe(false);
});

test("data that a command drops while the bot is stopped leaves no byte", async () => {
  using folder = temporaryFolder();
  {
    await using stores = await openIn(folder.path);
    await stores.inbox.accept(said("a", secret), 1, signal);
    await finish(stores, key, [], { deadLetter: { reference: "one", why: "failed" } });
  }
  {
    await using beside = await openSqliteDeadLetters(folder.path, inbounds);
    expect(await beside.deadLetters.drop("one", signal)).toBe(true);
  }
  expect(readdirSync(folder.path)).not.toContain("threadkeeper.sqlite-wal");
  expect(bytesIn(folder.path).includes(secret)).toBe(false);
});
