// What conversations take in the hot store while they are talked in, and while they rest in the archive: each message is
// accepted, answered and synced as in production. `npm run crowd`, or `npm run crowd -- 10000 20` for another size.
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { Redis } from "ioredis";

import { inboundFormat as inbounds } from "../src/conversation/inbounds/registry.ts";
import type { ConversationKey } from "../src/domain/conversation.ts";
import { InProcessBroadcast } from "../src/engine/embedded/in-process-broadcast.ts";
import { InProcessInterruptions } from "../src/engine/embedded/in-process-interruptions.ts";
import { randomIds as ids } from "../src/runtime/ids.ts";
import { openRedisStores } from "../src/storage/redis/open-redis-stores.ts";
import { openSqliteArchive } from "../src/storage/sqlite/sqlite-archive.ts";
import { openSqliteStores } from "../src/storage/sqlite/open-sqlite-stores.ts";
import type { Stores } from "../src/storage/stores.ts";
import { FakePlatform } from "../test/support/core/fake-platform.ts";
import { HandClock } from "../test/support/core/hand-clock.ts";
import { said } from "../test/support/core/inbounds.ts";
import { openRealCore } from "../test/support/core/real-core.ts";
import { RecordingLog } from "../test/support/core/recording-log.ts";
import { ScriptedModel } from "../test/support/core/scripted-model.ts";
import { startRedisServer } from "../test/support/redis-server.ts";
import { temporaryFolder } from "../test/support/temporary-folder.ts";

const [conversations = 2_000, messages = 20] = process.argv.slice(2).map(Number);
const dayMs = 86_400_000;
const people = 500;
const syncedAtOnce = 50;

/** In the form of Slack's keys. */
const keyOf = (index: number): ConversationKey =>
  `fake:T012AB3CD:C${index % 50}:1763700000.${100_000 + index}`;
const idOf = (index: number, at: number): string => `17637${String(index).padStart(5, "0")}.${100_000 + at}`;

interface Hot {
  readonly stores: Stores;
  readonly usedBytes: () => Promise<number>;
}

async function measure(name: string, { stores, usedBytes }: Hot): Promise<void> {
  using folder = temporaryFolder();
  const log = new RecordingLog();
  await using archive = await openSqliteArchive(folder.path, { log });
  const clock = new HandClock();
  const answer = "The launch is on 14 March, Grace books the venue, and the budget is 4,000 euros.";
  const model = new ScriptedModel(async function* () {
    yield answer;
  });
  const platform = new FakePlatform();
  // The core's timeout is made for one test, so it is reopened now and then.
  const start = () => openRealCore({ stores, archive, platform, model, clock, contextTokens: 16_000 });
  let core = start();
  const archivedBytes = (): number => fileBytes(join(folder.path, "ledger.sqlite"));
  const empty = { hot: await usedBytes(), archive: archivedBytes() };
  for (let index = 0; index < conversations; index += 1) {
    for (let at = 0; at < messages; at += 2) {
      const text = `Question ${at}: can you tell me once more what we decided about the launch, and who books the venue?`;
      const more = {
        conversation: keyOf(index),
        place: `T012AB3CD:C${index % 50}`,
        by: `T012AB3CD-U${index % people}`,
      };
      await core.accept(said(idOf(index, at), text, { ...more, saidAtMs: clock.nowMs() }));
      await core.settle();
    }
    model.prompts.length = 0;
    platform.posts.length = 0;
    if (index % syncedAtOnce !== syncedAtOnce - 1) continue;
    await core.file();
    core = start();
  }
  await core.file();
  const active = (await usedBytes()) - empty.hot;
  clock.pass(2 * dayMs);
  await stores.inbox.dropDedupeMarks(clock.nowMs() - dayMs, core.signal);
  const seen = active - ((await usedBytes()) - empty.hot);
  clock.pass(22 * dayMs);
  const startedAtMs = performance.now();
  await core.chore("rest");
  const restMs = (performance.now() - startedAtMs) / conversations;
  const resting = (await usedBytes()) - empty.hot;
  const archived = archivedBytes() - empty.archive;
  const each = (bytes: number): string => `${Math.round(bytes / conversations).toLocaleString("en")} B`;
  const perMillion = (bytes: number): string =>
    `${Math.round((bytes / conversations / messages) * (1_000_000 / 1_048_576)).toLocaleString("en")} MiB`;
  process.stdout.write(
    `${name}, ${conversations} conversations of ${messages} messages: active ${each(active)} each, of which known deliveries of the last day ${each(seen)}; ` +
      `resting ${each(resting)} each, ${restMs.toFixed(1)} ms to leave; ` +
      `a million messages: active ${perMillion(active)}, resting ${perMillion(resting)}, in the archive (SQLite) ${perMillion(archived)}\n`,
  );
}

/** The used bytes of a database, without free pages. */
function fileBytes(file: string): number {
  using database = new DatabaseSync(file);
  const value = (name: string): number =>
    Number(Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
  return (value("page_count") - value("freelist_count")) * value("page_size");
}

const listeners = () => ({
  interruptions: new InProcessInterruptions(),
  broadcast: new InProcessBroadcast(),
});

{
  using folder = temporaryFolder();
  await using stores = await openSqliteStores(folder.path, {
    ids,
    inbounds,
    log: new RecordingLog(),
    listeners: listeners(),
  });
  const usedBytes = async (): Promise<number> => fileBytes(join(folder.path, "threadkeeper.sqlite"));
  await measure("SQLite", { stores, usedBytes });
}
{
  await using server = await startRedisServer();
  const ports = {
    waitMs: 5_000,
    ids,
    inbounds,
    clock: new HandClock(),
    log: new RecordingLog(),
    listeners: listeners(),
  };
  await using stores = await openRedisStores(server.url, ports);
  const redis = new Redis(server.url);
  const usedBytes = async (): Promise<number> =>
    Number(/used_memory:(\d+)/u.exec(await redis.info("memory"))?.[1] ?? 0);
  await measure("Redis", { stores, usedBytes });
  redis.disconnect();
}
