// What looking up words costs in a big archive: how long people wait, how long the event loop stands
// still (on a busy machine also because others have the cores), and what the main thread itself does.
// `npm run recall-cost -- --messages 1000000 --places 1000`; with DATABASE_URL it measures Postgres, in a schema of its own
// database. `--keep FOLDER` builds the SQLite archive there once, and measures it again from then on.
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { parseArgs } from "node:util";

import { inboundFormat as inbounds } from "../src/conversation/inbounds/registry.ts";
import { searchArchive } from "../src/conversation/recall/search-archive.ts";
import type { RememberedMessage } from "../src/domain/conversation-memory.ts";
import { InProcessBroadcast } from "../src/engine/embedded/in-process-broadcast.ts";
import { InProcessInterruptions } from "../src/engine/embedded/in-process-interruptions.ts";
import type { ArchivedConversations } from "../src/ports/archived-conversations.ts";
import type { Archive } from "../src/ports/archive.ts";
import type { Readable, Readers } from "../src/ports/platform-access.ts";
import { systemClock as clock } from "../src/runtime/clock.ts";
import { randomIds as ids } from "../src/runtime/ids.ts";
import { openPostgresArchive } from "../src/storage/postgres/open-postgres-archive.ts";
import { openSqliteArchive } from "../src/storage/sqlite/sqlite-archive.ts";
import { openSqliteStores } from "../src/storage/sqlite/open-sqlite-stores.ts";
import { FakePlatform } from "../test/support/core/fake-platform.ts";
import { memoryOf } from "../test/support/core/memory-of.ts";
import { RecordingLog } from "../test/support/core/recording-log.ts";
import { temporaryFolder } from "../test/support/temporary-folder.ts";

type WholeArchive = Archive & ArchivedConversations;

const { values } = parseArgs({
  options: {
    messages: { type: "string", default: "1000000" },
    places: { type: "string", default: "1000" },
    rounds: { type: "string", default: "20" },
    keep: { type: "string" },
  },
});
const [messages, places, rounds] = [values.messages, values.places, values.rounds].map(Number);
const log = new RecordingLog();
const signal = AbortSignal.timeout(3_600_000);
const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** Some people may read all places, some half of them, some five, and some only their own. */
class Town extends FakePlatform {
  share = 1;
  readonly readable = async (_: Readers, asked: readonly string[]): Promise<Readable> => {
    const most = this.share > 1 ? this.share : Math.floor(asked.length * this.share);
    return { places: asked.slice(0, most), unknown: [] };
  };
}

/** The same texts for the same size: a few very frequent words, and many rare ones. */
function* talk(): Generator<{ readonly place: number; readonly text: string; readonly at: number }> {
  let seed = 1;
  const random = (): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed / 2 ** 32;
  };
  let place = 0;
  for (let at = 0; at < (messages ?? 0); at += 1) {
    if (at % 50 === 0) place = Math.floor(random() * (places ?? 1));
    const words = Array.from({ length: 12 }, () => `w${Math.floor(50_000 ** random()).toString(36)}x`);
    if (at % 3 === 0) words.push("deploy");
    if (at % 50_000 === 17) words.push("zanzibar");
    // In one of a hundred places, so that it is frequent, and never where people with five places may read.
    if (place % 100 === 99) words.push("hushhush");
    yield { place, text: words.join(" "), at };
  }
}

async function build(archive: WholeArchive): Promise<void> {
  const startedAtMs = performance.now();
  let batch: RememberedMessage[] = [];
  const syncs: Promise<unknown>[] = [];
  const file = (place: number): void => {
    const conversation = `fake:room${place}:${(batch[0]?.ordinal ?? 0) % 7}` as const;
    const location = { conversation, platform: "fake", place: `room${String(place).padStart(4, "0")}` };
    syncs.push(archive.sync({ ...location, erasures: [], messages: batch }, signal));
    batch = [];
  };
  for (const { place, text, at } of talk()) {
    const author = { id: `person${at % 500}`, name: "Ann" };
    batch.push({
      id: `m${at}`,
      text,
      author,
      speaker: "Ann",
      saidAtMs: 1_700_000_000_000 + at * 1_000,
      role: "person",
      attachments: [],
      answers: [],
      tokens: 12,
      chapter: 1,
      ordinal: at + 1,
      revision: 1,
    });
    if (at % 50 !== 49) continue;
    file(place);
    if (syncs.length === 8) await Promise.all(syncs.splice(0));
  }
  await Promise.all(syncs);
  print(`built in ${((performance.now() - startedAtMs) / 1_000).toFixed(0)} s`);
}

async function measure(name: string, archive: WholeArchive): Promise<void> {
  using folder = temporaryFolder();
  const listeners = { interruptions: new InProcessInterruptions(), broadcast: new InProcessBroadcast() };
  await using stores = await openSqliteStores(folder.path, { ids, inbounds, log, listeners });
  const platform = new Town();
  const ports = { ...stores, archive, archivedConversations: archive, platform, clock, log };
  const memory = memoryOf("fake:room0000:1", { place: "room0000", messages: [] });
  const readers = { place: "room0000" };
  for (const [who, share] of [
    ["all places", 1],
    ["half of them", 0.5],
    ["five", 5],
    ["none but here", 0],
  ] as const)
    for (const words of [
      "deploy",
      "deploy w1x w2x",
      "zanzibar",
      "hushhush",
      "nowhere",
      "what did we say of deploy zanzibar w9x w3x nowhere w5x",
    ]) {
      platform.share = share;
      const delay = monitorEventLoopDelay({ resolution: 5 });
      const times: number[] = [];
      const cpu = process.threadCpuUsage();
      let count = 0;
      delay.enable();
      for (let round = 0; round < (rounds ?? 1); round += 1) {
        const startedAtMs = performance.now();
        const { found } = await searchArchive(
          ports,
          { words, readers, memory, scope: "all", limit: 8 },
          signal,
        );
        times.push(performance.now() - startedAtMs);
        count = found.length;
      }
      delay.disable();
      const { user, system } = process.threadCpuUsage(cpu);
      const own = ((user + system) / 1_000 / times.length).toFixed(1);
      times.sort((a, b) => a - b);
      const at = (share_: number): string => (times[Math.floor(times.length * share_)] ?? 0).toFixed(0);
      const stop = (delay.max / 1e6).toFixed(0);
      print(
        `${name}, ${who}, "${words}": p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, ${count} found, longest stop ${stop} ms, ${own} ms CPU of the main thread each`,
      );
    }
}

const { DATABASE_URL: url } = process.env;
if (url === undefined) {
  using temporary = temporaryFolder();
  const folder = values.keep ?? temporary.path;
  const isBuilt = existsSync(join(folder, "ledger.sqlite"));
  mkdirSync(folder, { recursive: true });
  await using archive = await openSqliteArchive(folder, { log });
  if (!isBuilt) await build(archive);
  await measure("SQLite", archive);
} else {
  await using archive = await openPostgresArchive(url, { waitMs: 5_000, clock, log });
  if ((await archive.places("fake", 1, signal)).length === 0) await build(archive);
  await measure("Postgres", archive);
}
