// What 100,000 conversations with 20 messages each take: memory of Redis, and of the process that wrote them.
// `npm run crowd`, or `npm run crowd -- 10000 20` for another size.
import { Redis } from "ioredis";

import { nextRevision, nothingYet, withReply, withSaid } from "../src/conversation/recollect.ts";
import type { ConversationKey } from "../src/domain/conversation.ts";
import type { Recollection } from "../src/domain/recollection.ts";
import { InProcessBroadcast } from "../src/engine/in-process-broadcast.ts";
import { InProcessInterruptions } from "../src/engine/in-process-interruptions.ts";
import { systemClock as clock } from "../src/runtime/clock.ts";
import { randomIds as ids } from "../src/runtime/ids.ts";
import { openRedisStores } from "../src/storage/redis/open-redis-stores.ts";
import type { Stores } from "../src/storage/stores.ts";
import { said } from "../test/support/core/inbounds.ts";
import { RecordingLog } from "../test/support/core/recording-log.ts";
import { startRedisServer } from "../test/support/redis-server.ts";

const [conversations = 100_000, messages = 20] = process.argv.slice(2).map(Number);
const atOnce = 50;
const signal = new AbortController().signal;
const home = { platform: "fake", place: "room" };

const countTokens = (text: string): number => Math.ceil(text.length / 4);

/** Half of the messages are answers. */
function talkIn(conversation: ConversationKey): Recollection {
  let memory = nextRevision(nothingYet(conversation, home), home);
  for (let index = 0; index < messages; index += 2) {
    const text = `Question ${index}: can you tell me once more what we decided about the launch, and who books the venue?`;
    const { message } = said(`m${index}`, text);
    memory = withSaid(memory, [message], countTokens);
    const answer = `Answer ${index}: the launch is on 14 March, Grace books the venue, and the budget is 4,000 euros.`;
    const reply = {
      id: `a${index}`,
      role: "bot",
      text: answer,
      answers: [message.id],
      saidAtMs: 1_000,
    } as const;
    memory = withReply(memory, { ...reply, posts: [`room/a${index}`], sources: [] }, countTokens);
  }
  return memory;
}

async function write({ inbox, journal, outbox }: Stores, index: number): Promise<void> {
  const conversation: ConversationKey = `fake:room:${index}`;
  await inbox.accept(said("m0", "Can you tell me what we decided?", { conversation }), clock.nowMs(), signal);
  const [entry] = await inbox.waiting(conversation, signal);
  const { lease } = await journal.take(conversation, "w", signal);
  const recollection = talkIn(conversation);
  await journal.finish(
    lease,
    { covers: entry === undefined ? [] : [entry.id], posts: ["room/a0"], recollection },
    signal,
  );
  await outbox.filed(conversation, recollection.revision, signal);
}

const mebibytes = (bytes: number): string => `${Math.round(bytes / 1_048_576)} MiB`;

await using server = await startRedisServer();
const ears = { interruptions: new InProcessInterruptions(), broadcast: new InProcessBroadcast() };
await using stores = await openRedisStores(server.url, {
  ids,
  clock,
  log: new RecordingLog(),
  ears,
  waitMs: 5_000,
});
const redis = new Redis(server.url);
const usedBytes = async (): Promise<number> =>
  Number(/used_memory:(\d+)/u.exec(await redis.info("memory"))?.[1] ?? 0);
const emptyBytes = await usedBytes();
for (let index = 0; index < conversations; index += atOnce) {
  await Promise.all(
    Array.from({ length: Math.min(atOnce, conversations - index) }, (_, each) => write(stores, index + each)),
  );
}
const bytes = (await usedBytes()) - emptyBytes;
const perConversation = (bytes / conversations / 1_024).toFixed(1);
process.stdout.write(
  `${conversations} conversations with ${messages} messages each: Redis ${mebibytes(bytes)} (${perConversation} KiB each), this process ${mebibytes(process.memoryUsage.rss())}\n`,
);
redis.disconnect();
