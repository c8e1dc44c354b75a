// What one deletion costs with a big archive and a big hot file, on SQLite: time until no byte of it is left, the longest
// stop of the event loop, bytes written, and the most that the folder took.
// `npm run erase`, or `npm run erase -- 221 183` for so many MiB of archive and of hot file, and `-- 221 183 1000` to
// forget a person who said so many of the messages.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { DatabaseSync } from "node:sqlite";

import { inboundFormat as inbounds } from "../src/conversation/inbounds/registry.ts";
import type { ConversationKey } from "../src/domain/conversation.ts";
import type { RememberedMessage } from "../src/domain/conversation-memory.ts";
import { InProcessBroadcast } from "../src/engine/embedded/in-process-broadcast.ts";
import { InProcessInterruptions } from "../src/engine/embedded/in-process-interruptions.ts";
import { randomIds as ids } from "../src/runtime/ids.ts";
import { bytesOf } from "../test/support/core/bytes-of.ts";
import { openSqliteStores } from "../src/storage/sqlite/open-sqlite-stores.ts";
import { openSqliteArchive } from "../src/storage/sqlite/sqlite-archive.ts";
import { said } from "../test/support/core/inbounds.ts";
import { memoryOf } from "../test/support/core/memory-of.ts";
import { RecordingLog } from "../test/support/core/recording-log.ts";
import { temporaryFolder } from "../test/support/temporary-folder.ts";

const [archiveMiB = 221, hotMiB = 183, forgotten = 0] = process.argv.slice(2).map(Number);
const mebibyte = 1_048_576;
const atOnce = 5_000;
const lookEveryMs = 5;
const signal = new AbortController().signal;
const log = new RecordingLog();
const secret = "zqbenchconfidential";
const words = Array.from({ length: 20_000 }, (_, index) => `w${(index * 7_919).toString(36)}`);

const location = (index: number): ConversationKey => `fake:room${index % 300}:${index % 3_000}`;

function message(index: number): RememberedMessage {
  const chosen = Array.from({ length: 30 }, (_, at) => words[(index * 31 + at * 977) % words.length]);
  const text = `${index === atOnce / 2 ? secret : "hello"} ${chosen.join(" ")}`;
  const author = index % 100 === 7 && index < forgotten * 100 ? "eve" : "ada";
  return {
    ...said(`m${index}`, text).message,
    author: { id: author, name: author },
    role: "person",
    speaker: "Ada",
    tokens: 1,
    chapter: 1,
    answers: [],
    ordinal: index + 1,
    revision: 1,
  };
}

const sizeIn = (folder: string): number =>
  readdirSync(folder).reduce(
    (sum, name) => sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );

function holdsSecret(folder: string): boolean {
  return readdirSync(folder)
    .filter((name) => !name.endsWith("-shm"))
    .some((name) => readFileSync(join(folder, name)).includes(secret));
}

const writtenBytes = (): number => Number(/wchar: (\d+)/u.exec(readFileSync("/proc/self/io", "utf8"))?.[1]);
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const mebibytes = (bytes: number): string => `${(bytes / mebibyte).toFixed(1)} MiB`;

using folder = temporaryFolder();
const listeners = { interruptions: new InProcessInterruptions(), broadcast: new InProcessBroadcast() };
await using stores = await openSqliteStores(folder.path, { ids, inbounds, log, listeners });
await using archive = await openSqliteArchive(folder.path, { log });

async function fillArchive(): Promise<number> {
  for (let index = 0; ; index += atOnce) {
    const messages = Array.from({ length: atOnce }, (_, each) => message(index + each));
    for (const [conversation, theirs] of Map.groupBy(messages, ({ ordinal }) => location(ordinal))) {
      const place = conversation.split(":")[1] ?? "";
      await archive.sync({ conversation, platform: "fake", place, erasures: [], messages: theirs }, signal);
    }
    const { size } = statSync(join(folder.path, "ledger.sqlite"));
    if (size >= archiveMiB * mebibyte) return index + atOnce;
  }
}

function fillHot(): void {
  using database = new DatabaseSync(join(folder.path, "threadkeeper.sqlite"));
  const put = database.prepare("INSERT OR REPLACE INTO keyv (key, value) VALUES (?, ?)");
  const text = "x".repeat(6_000);
  database.exec("BEGIN");
  for (let index = 0; index * 6_800 < hotMiB * mebibyte; index += 1) {
    const conversation: ConversationKey = `fake:room:${index}`;
    const one = { ...message(index), text: index === 77 ? `${secret} ${text}` : text };
    put.run(`memory:${conversation}`, bytesOf(memoryOf(conversation, { messages: [one] })));
  }
  database.exec("COMMIT");
}

/** As in production: the turn's end removes it from memory, the archive is synced, and both are scrubbed. */
async function deleteOne(): Promise<void> {
  const conversation: ConversationKey = "fake:room:77";
  await stores.inbox.accept(said("wake", "hello", { conversation }), 1, signal);
  const { lease } = await stores.journal.claim(conversation, "bench", signal);
  const memory = memoryOf(conversation, { revision: 2 });
  await stores.journal.finish(lease, { covers: [], posts: [], gone: ["m77"], memory }, signal);
  const { id, ordinal } = message(atOnce / 2);
  const erasures = [{ revision: 2, kind: "message", message: id }] as const;
  const there = { conversation: location(ordinal), platform: "fake", place: "room" };
  await archive.sync({ ...there, erasures, messages: [] }, signal);
}

async function scrub(): Promise<void> {
  await archive.scrub(signal);
  await stores.scrub(signal);
}

async function measure(what: string, work: () => Promise<unknown>): Promise<void> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const [written, size] = [writtenBytes(), sizeIn(folder.path)];
  let most = size;
  const looking = setInterval(() => (most = Math.max(most, sizeIn(folder.path))), lookEveryMs);
  delay.enable();
  const startedAtMs = performance.now();
  await work();
  const tookMs = Math.round(performance.now() - startedAtMs);
  delay.disable();
  clearInterval(looking);
  most = Math.max(most, sizeIn(folder.path));
  say(
    `${what}: ${tookMs} ms, longest stop ${Math.round(delay.max / 1e6)} ms, written ${mebibytes(writtenBytes() - written)}, folder ${mebibytes(size)}, at most ${mebibytes(most - size)} more`,
  );
}

const messages = await fillArchive();
fillHot();
await scrub();
const sizes = ["ledger.sqlite", "threadkeeper.sqlite"].map((name) =>
  mebibytes(statSync(join(folder.path, name)).size),
);
say(
  `archive ${sizes[0]} (${messages} messages), hot file ${sizes[1]}; the text is there: ${holdsSecret(folder.path)}`,
);
await measure("one deletion", async () => {
  await deleteOne();
  await scrub();
});
say(`the text is there: ${holdsSecret(folder.path)}`);
if (forgotten > 0)
  await measure(`/forget me of ${forgotten} messages`, async () => {
    const gone = await archive.eraseAuthor("fake", "eve", Number.MAX_SAFE_INTEGER, signal);
    say(`${gone.messages} messages went`);
    await scrub();
  });
