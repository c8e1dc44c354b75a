import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";

import { describe, expect, test } from "vitest";

import type { Filing } from "../../../src/domain/archive.ts";
import type { RememberedMessage } from "../../../src/domain/conversation-memory.ts";
import type { Ledger } from "../../../src/ports/archive.ts";
import { openSqliteLedger } from "../../../src/storage/sqlite/sqlite-archive.ts";
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
async function fill(ledger: Ledger): Promise<void> {
  const eve = saidBy("eve", "kzzxqv");
  const file = (where: typeof hers | typeof others, messages: readonly RememberedMessage[]) =>
    ledger.file({ ...where, erasures: [], messages }, signal);
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
async function expectForgotten(ledger: Ledger, folder: string): Promise<void> {
  expect(isKept(folder, "kzzxqv")).toBe(false);
  expect(isKept(folder, "staying")).toBe(true);
  const find = async (words: string) =>
    (await ledger.search({ words, platform: "fake", places: ["room"], limit: 5_000 }, signal)).messages;
  expect(await find("harbour")).toHaveLength(many);
  expect(await find(wordsOf("staying", 77))).toMatchObject([{ id: "ada77" }]);
  expect(await find(wordsOf("kzzxqv", 77))).toEqual([]);
}

async function openFilled(folder: string) {
  const ledger = await openSqliteLedger(folder, { log });
  await fill(ledger);
  expect(isKept(folder, "kzzxqv")).toBe(true);
  return ledger;
}

const erase = (ledger: Ledger, erasure: Filing["erasures"][number]): Promise<unknown> =>
  ledger.file({ ...hers, erasures: [erasure], messages: [] }, signal);

describe("very many messages that go at once", () => {
  test.each<[string, (ledger: Ledger) => Promise<unknown>]>([
    ["with their author", (ledger) => ledger.forgetAuthor("fake", "eve", 5_000, signal)],
    [
      "with what their author said in one conversation",
      (ledger) => erase(ledger, { revision: 2, kind: "author", author: "eve", beforeOrdinal: 9_999 }),
    ],
    [
      "with their conversation",
      (ledger) => erase(ledger, { revision: 2, kind: "all", beforeOrdinal: 9_999 }),
    ],
    ["because they are old", (ledger) => ledger.expire(5_000, signal)],
  ])("%s leave no byte and no word, and all others are found", async (_how, remove) => {
    using folder = temporaryFolder();
    await using ledger = await openFilled(folder.path);
    await remove(ledger);
    await ledger.scrub(signal);
    await expectForgotten(ledger, folder.path);
    // One by one again.
    const lonely = saidBy("cleo", "lonely", { saidAtMs: 9_000 })(many);
    await ledger.file({ ...others, erasures: [], messages: [lonely] }, signal);
    expect(isKept(folder.path, "lonely")).toBe(true);
    const erasure = { revision: 3, kind: "message", message: lonely.id } as const;
    await ledger.file({ ...others, erasures: [erasure], messages: [] }, signal);
    await ledger.scrub(signal);
    expect(isKept(folder.path, "lonely")).toBe(false);
  });

  test("are forgotten while others' messages are filed and found", async () => {
    using folder = temporaryFolder();
    await using ledger = await openFilled(folder.path);
    const over = new AbortController();
    const forgetting = ledger.forgetAuthor("fake", "eve", 5_000, signal).finally(() => over.abort());
    let filed = 0;
    for (let index = many; !over.signal.aborted; index += 1) {
      const message = saidBy("bob", "later", { saidAtMs: 9_000 })(index);
      await ledger.file({ ...others, erasures: [], messages: [message] }, signal);
      const { messages } = await ledger.search(
        { words: message.text, platform: "fake", places: ["room"], limit: 1 },
        signal,
      );
      expect(messages).toMatchObject([{ id: message.id }]);
      filed += 1;
    }
    expect(await forgetting).toEqual({ messages: many, replies: many, conversations: [hers.conversation] });
    expect(filed).toBeGreaterThan(2);
    await ledger.scrub(signal);
    expect(isKept(folder.path, "kzzxqv")).toBe(false);
    expect(await ledger.read({ conversation: others.conversation, limit: 9_999 }, signal)).toHaveLength(
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
  ])("are gone in the end when the process is killed while they $when", async ({ hold, isHeld }) => {
    using folder = temporaryFolder();
    await (await openFilled(folder.path))[Symbol.asyncDispose]();
    using database = new DatabaseSync(join(folder.path, "ledger.sqlite"), { timeout: 30_000 });
    // There it goes on and on counting, and what was written before is in the file.
    const endless = "SELECT COUNT(*) FROM message AS a, message AS b, message AS c, message AS d";
    database.exec(`CREATE TRIGGER held ${hold} BEGIN ${endless}; END`);
    const script = fileURLToPath(new URL("../../support/sqlite/forgetting-process.ts", import.meta.url));
    const child = spawn(process.execPath, [script, folder.path], { stdio: ["ignore", "pipe", "inherit"] });
    const exit = once(child, "exit");
    await expect.poll(() => database.prepare(isHeld).get(), { timeout: 60_000, interval: 20 }).toBeDefined();
    child.kill("SIGKILL");
    expect(await exit).toEqual([null, "SIGKILL"]);
    database.exec("DROP TRIGGER held");
    expect(isKept(folder.path, "kzzxqv")).toBe(true);
    await using ledger = await openSqliteLedger(folder.path, { log });
    await ledger.forgetAuthor("fake", "eve", 5_000, signal);
    await ledger.scrub(signal);
    await expectForgotten(ledger, folder.path);
    expect(segmentsIn(folder.path)).toBeLessThan(4);
  });
});
