import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";

import { describe, expect, test } from "vitest";

import type { SyncBatch } from "../../../src/domain/archive.ts";
import type { RememberedMessage } from "../../../src/domain/conversation-memory.ts";
import type { Archive } from "../../../src/ports/archive.ts";
import { openSqliteArchive } from "../../../src/storage/sqlite/sqlite-archive.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import { filesIn } from "../../support/every-byte.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const signal = AbortSignal.timeout(600_000);
const log = new RecordingLog();
/** More than are taken out of the index one by one. */
const many = 1_200;
const hers = { conversation: "fake:room:1", platform: "fake", place: "room" } as const;
const others = { ...hers, conversation: "fake:room:2" } as const;

/** Words that differ at their beginning: an index keeps the rest of each whole. */
function wordsOf(end: string, index: number): string {
  return Array.from(
    { length: 6 },
    (_, at) =>
      `${Array.from((index * 6 + at).toString(36))
        .toReversed()
        .join("")}${end}`,
  ).join(" ");
}

function saidBy(author: string, end: string, more: Partial<RememberedMessage> = {}) {
  return (index: number): RememberedMessage => ({
    id: `${author}${index}`,
    text: `the harbour opens ${wordsOf(end, index)}`,
    author: { id: author, name: author },
    saidAtMs: 1_000,
    attachments: [],
    role: "person",
    speaker: author,
    tokens: 3,
    chapter: 1,
    answers: [],
    ordinal: index + 1,
    revision: 1,
    ...more,
  });
}

/** So many of eve's, with an answer to each, between as many of others. */
async function fill(archive: Archive): Promise<void> {
  const eve = saidBy("eve", "kzzxqv");
  const file = (where: typeof hers | typeof others, messages: readonly RememberedMessage[]) =>
    archive.sync({ ...where, erasures: [], messages }, signal);
  for (let index = 0; index < many; index += 100) {
    const these = Array.from({ length: 100 }, (_, at) => index + at);
    const asked = these.map((each) => ({ ...eve(each), ordinal: each * 2 + 1 }));
    const answers = asked.map((message, at) => ({
      ...saidBy("bot", "kzzxqv")(index + at),
      role: "bot" as const,
      answers: [message.id],
      ordinal: message.ordinal + 1,
    }));
    await file(hers, [...asked, ...answers]);
    await file(others, these.map(saidBy("ada", "staying", { saidAtMs: 9_000 })));
  }
}

/** Whether a word stands anywhere in the files of a folder. */
function isKept(folder: string, word: string): boolean {
  return filesIn(folder).includes(word);
}

function segmentsIn(folder: string): number {
  using database = new DatabaseSync(join(folder, "ledger.sqlite"), { readOnly: true, timeout: 10_000 });
  return Number(database.prepare("SELECT COUNT(DISTINCT segid) AS count FROM search_idx").get()?.["count"]);
}

/** Nothing of eve's is left in a folder, nor of the answers to her, and all of the others is. */
async function expectForgotten(archive: Archive, folder: string): Promise<void> {
  expect(isKept(folder, "kzzxqv")).toBe(false);
  expect(isKept(folder, "staying")).toBe(true);
  const find = async (words: string) =>
    (await archive.search({ words, platform: "fake", places: ["room"], limit: 5_000 }, signal)).messages;
  expect(await find("harbour")).toHaveLength(many);
  expect(await find(wordsOf("staying", 77))).toMatchObject([{ id: "ada77" }]);
  expect(await find(wordsOf("kzzxqv", 77))).toEqual([]);
}

async function openFilled(folder: string) {
  const archive = await openSqliteArchive(folder, { log });
  await fill(archive);
  expect(isKept(folder, "kzzxqv")).toBe(true);
  return archive;
}

const erase = (archive: Archive, erasure: SyncBatch["erasures"][number]): Promise<unknown> =>
  archive.sync({ ...hers, erasures: [erasure], messages: [] }, signal);

describe("very many messages that are removed at once", () => {
  test.each<[string, (archive: Archive) => Promise<unknown>]>([
    ["with their author", (archive) => archive.eraseAuthor("fake", "eve", 5_000, signal)],
    [
      "with what their author said in one conversation",
      (archive) => erase(archive, { revision: 2, kind: "author", author: "eve", beforeOrdinal: 9_999 }),
    ],
    [
      "with their conversation",
      (archive) => erase(archive, { revision: 2, kind: "all", beforeOrdinal: 9_999 }),
    ],
    ["because they are old", (archive) => archive.expire(5_000, signal)],
  ])("%s leave no byte and no word, and all others are found", async (_how, remove) => {
    using folder = temporaryFolder();
    await using archive = await openFilled(folder.path);
    await remove(archive);
    await archive.scrub(signal);
    await expectForgotten(archive, folder.path);
    // One by one again.
    const lonely = saidBy("cleo", "lonely", { saidAtMs: 9_000 })(many);
    await archive.sync({ ...others, erasures: [], messages: [lonely] }, signal);
    expect(isKept(folder.path, "lonely")).toBe(true);
    const erasure = { revision: 3, kind: "message", message: lonely.id } as const;
    await archive.sync({ ...others, erasures: [erasure], messages: [] }, signal);
    await archive.scrub(signal);
    expect(isKept(folder.path, "lonely")).toBe(false);
  });

  test("are erased while others' messages are synced and found", async () => {
    using folder = temporaryFolder();
    await using archive = await openFilled(folder.path);
    const over = new AbortController();
    const forgetting = archive.eraseAuthor("fake", "eve", 5_000, signal).finally(() => over.abort());
    let filed = 0;
    for (let index = many; !over.signal.aborted; index += 1) {
      const message = saidBy("bob", "later", { saidAtMs: 9_000 })(index);
      await archive.sync({ ...others, erasures: [], messages: [message] }, signal);
      const { messages } = await archive.search(
        { words: message.text, platform: "fake", places: ["room"], limit: 1 },
        signal,
      );
      expect(messages).toMatchObject([{ id: message.id }]);
      filed += 1;
    }
    expect(await forgetting).toEqual({ messages: many, replies: many, conversations: [hers.conversation] });
    expect(filed).toBeGreaterThan(2);
    await archive.scrub(signal);
    expect(isKept(folder.path, "kzzxqv")).toBe(false);
    expect(await archive.read({ conversation: others.conversation, limit: 9_999 }, signal)).toHaveLength(
      many + filed,
    );
  });

  test.each([
    {
      when: "are removed",
      hold: "AFTER INSERT ON tombstone WHEN (SELECT COUNT(*) FROM tombstone) > 1000",
      isHeld: "SELECT 1 FROM tombstone LIMIT 1 OFFSET 300",
    },
    {
      when: "are merged out of the index",
      hold: "BEFORE DELETE ON merging",
      isHeld: "SELECT 1 FROM merging WHERE is_begun = 1",
    },
  ])("are erased in the end if the process is killed while they $when", async ({ hold, isHeld }) => {
    using folder = temporaryFolder();
    await (await openFilled(folder.path))[Symbol.asyncDispose]();
    using database = new DatabaseSync(join(folder.path, "ledger.sqlite"), { timeout: 30_000 });
    // There it goes on and on counting, and what was written before is in the file.
    const endless = "SELECT COUNT(*) FROM message AS a, message AS b, message AS c, message AS d";
    database.exec(`CREATE TRIGGER held ${hold} BEGIN ${endless}; END`);
    const script = fileURLToPath(new URL("../../support/sqlite/author-erasing-process.ts", import.meta.url));
    const child = spawn(process.execPath, [script, folder.path], { stdio: ["ignore", "pipe", "inherit"] });
    const exit = once(child, "exit");
    await expect.poll(() => database.prepare(isHeld).get(), { timeout: 60_000, interval: 20 }).toBeDefined();
    child.kill("SIGKILL");
    expect(await exit).toEqual([null, "SIGKILL"]);
    database.exec("DROP TRIGGER held");
    // The work is unfinished. On a slow machine the merge has come to its last step, which removes its row.
    expect(database.prepare(isHeld).get()).toBeDefined();
    await using archive = await openSqliteArchive(folder.path, { log });
    await archive.eraseAuthor("fake", "eve", 5_000, signal);
    await archive.scrub(signal);
    await expectForgotten(archive, folder.path);
    expect(segmentsIn(folder.path)).toBeLessThan(4);
  });
});
