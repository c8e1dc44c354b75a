// What a turn writes to the hot store, and how long it reads and writes memory, when 100, 1,000 or 4,000 messages are
// remembered. `npm run memory-cost`.
import { readFileSync } from "node:fs";

import { Redis } from "ioredis";

import { InProcessBroadcast } from "../src/engine/embedded/in-process-broadcast.ts";
import { InProcessInterruptions } from "../src/engine/embedded/in-process-interruptions.ts";
import { inboundFormat as inbounds } from "../src/conversation/inbounds/registry.ts";
import type { ConversationMemory, RememberedMessage } from "../src/domain/conversation-memory.ts";
import { systemClock as clock } from "../src/runtime/clock.ts";
import { randomIds as ids } from "../src/runtime/ids.ts";
import { openRedisStores } from "../src/storage/redis/open-redis-stores.ts";
import { openSqliteStores } from "../src/storage/sqlite/open-sqlite-stores.ts";
import type { Stores } from "../src/storage/stores.ts";
import { memoryOf } from "../test/support/core/memory-of.ts";
import { RecordingLog } from "../test/support/core/recording-log.ts";
import { startRedisServer } from "../test/support/redis-server.ts";
import { temporaryFolder } from "../test/support/temporary-folder.ts";

const sizes = [100, 1_000, 4_000] as const;
const turns = 64;
const conversation = "fake:room:1";
const signal = AbortSignal.timeout(600_000);

interface Cost {
  readonly bytes: number;
  readonly turnMs: number;
}

/** About thirty tokens, the size of a short message in a window of 128,000 tokens that holds 4,000. */
function messageOf(ordinal: number): RememberedMessage {
  return {
    id: `m${ordinal}`,
    author: { id: "ada", name: "Ada" },
    text: `Message ${ordinal}: the number of this one is ${ordinal * 7}, and there is a little more to say about it.`,
    saidAtMs: 1_763_700_000_000 + ordinal,
    attachments: [],
    role: ordinal % 2 === 0 ? "bot" : "person",
    speaker: "Ada",
    tokens: 30,
    chapter: 1,
    answers: [],
    ordinal,
    revision: ordinal,
  };
}

/** With a question and an answer more; the window stays as long. */
function afterTurn(memory: ConversationMemory): ConversationMemory {
  const { nextOrdinal: next } = memory;
  const messages = [...memory.messages.slice(2), messageOf(next), messageOf(next + 1)];
  return { ...memory, messages, nextOrdinal: next + 2, revision: next + 1 };
}

async function measure(
  { journal, memories }: Stores,
  bytesWritten: () => Promise<number>,
): Promise<readonly Cost[]> {
  const costs: Cost[] = [];
  for (const size of sizes) {
    const messages = Array.from({ length: size }, (_, index) => messageOf(index + 1));
    const start = memoryOf(conversation, { messages, nextOrdinal: size + 1, revision: size });
    const { lease } = await journal.claim(conversation, "w", signal);
    await journal.finish(lease, { covers: [], posts: [], memory: start }, signal);
    const [startedBytes, startedAtMs] = [await bytesWritten(), performance.now()];
    for (let turn = 0; turn < turns; turn += 1) {
      const claim = await journal.claim(conversation, "w", signal);
      const { memory = start } = await memories.read(conversation, signal);
      await journal.finish(claim.lease, { covers: [], posts: [], memory: afterTurn(memory) }, signal);
    }
    const turnMs = (performance.now() - startedAtMs) / turns;
    costs.push({ bytes: ((await bytesWritten()) - startedBytes) / turns, turnMs });
  }
  return costs;
}

function report(name: string, costs: readonly Cost[]): void {
  const [first = { bytes: 1, turnMs: 1 }] = costs;
  for (const [index, { bytes, turnMs }] of costs.entries()) {
    process.stdout.write(
      `${name}, ${sizes[index]} messages: ${Math.round(bytes)} bytes written (× ${(bytes / first.bytes).toFixed(1)}), ` +
        `${turnMs.toFixed(2)} ms a turn (× ${(turnMs / first.turnMs).toFixed(1)})\n`,
    );
  }
}

const ports = () => ({
  ids,
  inbounds,
  clock,
  log: new RecordingLog(),
  listeners: { interruptions: new InProcessInterruptions(), broadcast: new InProcessBroadcast() },
});

{
  using folder = temporaryFolder();
  await using stores = await openSqliteStores(folder.path, ports());
  // The pages of the database's log, as the process writes them.
  const bytesWritten = async (): Promise<number> =>
    Number(/wchar: (\d+)/u.exec(readFileSync("/proc/self/io", "utf8"))?.[1]);
  report("SQLite", await measure(stores, bytesWritten));
}
{
  await using server = await startRedisServer();
  await using stores = await openRedisStores(server.url, { ...ports(), waitMs: 5_000 });
  const redis = new Redis(server.url);
  const bytesWritten = async (): Promise<number> =>
    Number(/total_net_input_bytes:(\d+)/u.exec(await redis.info("stats"))?.[1] ?? 0);
  report("Redis", await measure(stores, bytesWritten));
  redis.disconnect();
}
