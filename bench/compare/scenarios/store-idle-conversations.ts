import { Redis } from "ioredis";

import { inboundFormat as inbounds } from "../../../src/conversation/inbounds/registry.ts";
import { emptyMemory } from "../../../src/conversation/memory/new-memory.ts";
import type { RememberedMessage } from "../../../src/domain/conversation-memory.ts";
import type { Said } from "../../../src/domain/inbound.ts";
import { InProcessBroadcast } from "../../../src/engine/embedded/in-process-broadcast.ts";
import { InProcessInterruptions } from "../../../src/engine/embedded/in-process-interruptions.ts";
import { systemClock as clock } from "../../../src/runtime/clock.ts";
import { randomIds as ids } from "../../../src/runtime/ids.ts";
import { openRedisStores } from "../../../src/storage/redis/open-redis-stores.ts";
import type { Stores } from "../../../src/storage/stores.ts";
import { RecordingLog } from "../../../test/support/core/recording-log.ts";

/** How long they have been idle. Their marks of deliveries are gone by now. */
const idleMs = 3 * 86_400_000;
const atOnce = 64;
const people = 500;
const channels = 50;

/** Writes idle conversations with the stores' own code, and returns the bytes that Redis holds for each. 0 without any. */
export async function storeIdleConversations(
  redisUrl: string,
  { conversations, messages }: { readonly conversations: number; readonly messages: number },
): Promise<number> {
  if (conversations === 0) return 0;
  const listeners = { interruptions: new InProcessInterruptions(), broadcast: new InProcessBroadcast() };
  const ports = { ids, inbounds, clock, log: new RecordingLog(), listeners, waitMs: 5_000 };
  await using stores = await openRedisStores(redisUrl, ports);
  const before = await usedBytes(redisUrl);
  let next = 0;
  const store = async (): Promise<void> => {
    for (let index = (next += 1); index <= conversations; index = next += 1)
      await storeOne(stores, index, messages);
  };
  await Promise.all(Array.from({ length: atOnce }, store));
  await stores.inbox.dropDedupeMarks(clock.nowMs(), new AbortController().signal);
  return Math.round(((await usedBytes(redisUrl)) - before) / conversations);
}

/** Its newest question comes in and is answered; the messages before are in memory with it. Then the archive has all of it. */
async function storeOne(stores: Stores, index: number, count: number): Promise<void> {
  const { signal } = new AbortController();
  const said = saidIn(index, count);
  const { conversation, platform, place } = said;
  await stores.inbox.accept(said, said.message.saidAtMs, signal);
  const waiting = await stores.inbox.waiting(conversation, signal);
  const { lease } = await stores.journal.claim(conversation, "bench", signal);
  const messages = Array.from({ length: count }, (_, at) => messageOf(said, at + 1, count));
  const memory = {
    ...emptyMemory(conversation, { platform, place }),
    revision: count,
    messages,
    nextOrdinal: count + 1,
    speakers: [{ id: said.message.author.id, label: "Ada", lastAtMs: said.message.saidAtMs }],
  };
  const posts = messages.flatMap((each) => each.posts ?? []);
  await stores.journal.finish(lease, { covers: waiting.map(({ id }) => id), posts, memory }, signal);
  await stores.outbox.markSynced(conversation, count, signal);
}

/** In the form of Slack's. */
function saidIn(index: number, count: number): Said {
  const [channel, person] = [`C${index % channels}`, `U${index % people}`];
  const place = `T1:${channel}`;
  const root = `1763700000.${100_000 + index}`;
  return {
    kind: "said",
    conversation: `slack:${place}:${root}`,
    platform: "slack",
    place,
    dedupeId: `slack:${place}:${root}:${count}`,
    addressing: "mention",
    message: {
      id: `${root}${count - 1}`,
      text: "Question: can you tell me once more what we decided about the launch, and who books the venue?",
      author: { id: `T1-${person}`, name: `Person ${person}` },
      saidAtMs: clock.nowMs() - idleMs,
      attachments: [],
    },
    replyTo: { platform: "slack", target: { channel, thread: root } },
  };
}

/** People and the bot take turns; the last but one is the newest question. */
function messageOf({ message }: Said, ordinal: number, count: number): RememberedMessage {
  const isAnswer = ordinal % 2 === 0;
  const id = ordinal === count - 1 ? message.id : `${message.id}-${ordinal}`;
  const base = { id, saidAtMs: message.saidAtMs, attachments: [], chapter: 1, ordinal, revision: count };
  if (!isAnswer) return { ...message, ...base, role: "person", speaker: "Ada", tokens: 25, answers: [] };
  const text =
    "The launch is on 14 March. Grace books the venue by Friday, and the budget is 4,000 euros; what is left goes into the party.";
  const author = { id: "T1-UBOT", name: "bot" };
  return {
    ...base,
    text,
    author,
    role: "bot",
    speaker: "bot",
    tokens: 35,
    answers: [],
    posts: [`${id}-post`],
  };
}

async function usedBytes(url: string): Promise<number> {
  const redis = new Redis(url);
  const memory = await redis.info("memory");
  redis.disconnect();
  return Number(/used_memory:(\d+)/u.exec(memory)?.[1] ?? 0);
}
