// Syncs, deletes and scrubs in the given archive until it is killed. Prints a line for each deleted message, once the
// deletion is stored.
import { systemClock as clock } from "../../../src/runtime/clock.ts";
import { openPostgresArchive } from "../../../src/storage/postgres/open-postgres-archive.ts";
import { memoryOf } from "../core/memory-of.ts";
import { RecordingLog } from "../core/recording-log.ts";

const [url = "", first = "0"] = process.argv.slice(2);
const signal = new AbortController().signal;
const log = new RecordingLog();

await using archive = await openPostgresArchive(url, { waitMs: 60_000, clock, log });
for (let at = Number(first); ; at += 1) {
  const conversation = `fake:room:${at % 5}` as const;
  const location = { conversation, platform: "fake", place: "room" };
  const message = {
    id: `m${at}`,
    text: `zq${at} is said`,
    author: { id: "ada", name: "Ada" },
    saidAtMs: at,
    attachments: [],
    role: "person",
    speaker: "Ada",
    tokens: 1,
    chapter: 1,
    answers: [],
    ordinal: at,
    revision: at,
  } as const;
  const memory = memoryOf(conversation, { revision: at, nextOrdinal: at + 1 });
  const head = { memory, listing: { title: `zq${at}`, lastAtMs: at } };
  const old = at - 12;
  const erasures = old % 3 === 0 ? [] : [{ kind: "message", message: `m${old}`, revision: at } as const];
  const oldLocation = { ...location, conversation: `fake:room:${((old % 5) + 5) % 5}` as const };
  await Promise.all([
    archive.sync({ ...location, erasures: [], messages: [message], head }, signal),
    archive.sync({ ...oldLocation, erasures, messages: [] }, signal),
  ]);
  process.stdout.write(`${old}\n`);
  if (at % 9 === 0) await archive.scrub(signal);
}
