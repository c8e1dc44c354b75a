// Whether a turn costs the same after 1,000 and after 10,000 messages of one conversation: its time, and the bytes that
// the store gives for it, over a whole cycle from one cut of the window to the next. `npm run flat-cost`.
import { parseArgs } from "node:util";

import { Redis } from "ioredis";

import { inboundFormat as inbounds } from "../src/conversation/inbounds/registry.ts";
import { InProcessBroadcast } from "../src/engine/embedded/in-process-broadcast.ts";
import { InProcessInterruptions } from "../src/engine/embedded/in-process-interruptions.ts";
import { countTokens } from "../src/models/count-tokens.ts";
import { systemClock as clock } from "../src/runtime/clock.ts";
import { randomIds as ids } from "../src/runtime/ids.ts";
import { openRedisStores } from "../src/storage/redis/open-redis-stores.ts";
import { openSqliteArchive } from "../src/storage/sqlite/sqlite-archive.ts";
import { openSqliteStores } from "../src/storage/sqlite/open-sqlite-stores.ts";
import type { Stores } from "../src/storage/stores.ts";
import { FakePlatform } from "../test/support/core/fake-platform.ts";
import { said } from "../test/support/core/inbounds.ts";
import { openRealCore } from "../test/support/core/real-core.ts";
import { RecordingLog } from "../test/support/core/recording-log.ts";
import { ScriptedModel } from "../test/support/core/scripted-model.ts";
import { startRedisServer } from "../test/support/redis-server.ts";
import { temporaryFolder } from "../test/support/temporary-folder.ts";

const { values } = parseArgs({ options: { context: { type: "string", default: "2000" } } });
const contextTokens = Number(values.context);
const marks = [1_000, 10_000] as const;
const conversation = "fake:room:1";

class QuickModel extends ScriptedModel {
  override readonly countTokens = countTokens;
}

interface Cost {
  readonly turnMs: number;
  readonly bytes: number;
  readonly turns: number;
}

async function measure(
  stores: Stores,
  archiveFolder: string,
  bytesRead: () => Promise<number>,
): Promise<readonly Cost[]> {
  await using archive = await openSqliteArchive(archiveFolder, { log: new RecordingLog() });
  const model = new QuickModel(async function* ({ instructions }) {
    yield instructions.includes("You keep the memory of a chat")
      ? "- Ada: works [1]"
      : "Noted, and what else is there?";
  });
  const core = openRealCore({ stores, archive, platform: new FakePlatform(), model, contextTokens });
  let count = 0;
  let turnsMs = 0;
  const turn = async (): Promise<void> => {
    count += 1;
    const text = `Message ${count}: the number of this one is ${count * 7}, and there is a little more to say.`;
    const startedAtMs = performance.now();
    await core.accept(said(`m${count}`, text));
    await core.settle();
    turnsMs += performance.now() - startedAtMs;
    await core.summarizeAll();
    await core.settle();
    if (count % 5 === 0) await core.file?.();
    model.prompts.length = 0;
  };
  const windowFrom = async (): Promise<number> =>
    (await stores.memories.read(conversation, AbortSignal.timeout(5_000))).memory?.windowFrom ?? 0;
  const untilCut = async (): Promise<void> => {
    const before = await windowFrom();
    while ((await windowFrom()) === before) await turn();
  };
  const costs: Cost[] = [];
  for (const mark of marks) {
    for (let left = mark - count; left > 0; left -= 1) await turn();
    await untilCut();
    const [startedAt, startedMs, startedBytes] = [count, turnsMs, await bytesRead()];
    await untilCut();
    const turns = count - startedAt;
    costs.push({
      turns,
      turnMs: (turnsMs - startedMs) / turns,
      bytes: ((await bytesRead()) - startedBytes) / turns,
    });
  }
  return costs;
}

const ports = () => ({
  ids,
  inbounds,
  clock,
  log: new RecordingLog(),
  listeners: { interruptions: new InProcessInterruptions(), broadcast: new InProcessBroadcast() },
});

function report(name: string, [early, late]: readonly Cost[]): void {
  if (early === undefined || late === undefined) return;
  const ratio = (a: number, b: number): string => (b === 0 ? "–" : (a / b).toFixed(2));
  for (const [mark, cost] of [
    [marks[0], early],
    [marks[1], late],
  ] as const) {
    const bytes = cost.bytes === 0 ? "" : `, ${Math.round(cost.bytes)} bytes read`;
    process.stdout.write(
      `${name}, around message ${mark}: ${cost.turnMs.toFixed(2)} ms a turn${bytes} (${cost.turns} turns)\n`,
    );
  }
  process.stdout.write(
    `${name}: time × ${ratio(late.turnMs, early.turnMs)}, bytes × ${ratio(late.bytes, early.bytes)}\n`,
  );
}

{
  using folder = temporaryFolder();
  await using stores = await openSqliteStores(folder.path, ports());
  report("SQLite", await measure(stores, folder.path, async () => 0));
}
{
  using folder = temporaryFolder();
  await using server = await startRedisServer();
  await using stores = await openRedisStores(server.url, { ...ports(), waitMs: 5_000 });
  const redis = new Redis(server.url);
  const bytesRead = async (): Promise<number> =>
    Number(/total_net_output_bytes:(\d+)/u.exec(await redis.info("stats"))?.[1] ?? 0);
  report("Redis", await measure(stores, folder.path, bytesRead));
  redis.disconnect();
}
