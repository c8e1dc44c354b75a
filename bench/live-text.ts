// How many bytes a growing answer moves through Redis, with two replicas and one page on the other one.
// `npm run live-text`.
import { setTimeout } from "node:timers/promises";

import { Redis } from "ioredis";

import { InProcessBroadcast } from "../src/engine/embedded/in-process-broadcast.ts";
import { connectRedis } from "../src/storage/redis/connection/connect-redis.ts";
import { openRedisBroadcast } from "../src/storage/redis/stores/redis-broadcast.ts";
import { RecordingLog } from "../test/support/core/recording-log.ts";
import { startRedisServer } from "../test/support/redis-server.ts";
import { openChat, type Chat } from "../test/support/web/open-chat.ts";
import { temporaryFolder } from "../test/support/temporary-folder.ts";
import { connectWeb } from "../test/support/web/web-client.ts";

const chars = 200_000;
const stepChars = [40, 400] as const;

await using opened = new AsyncDisposableStack();
const { url } = opened.use(await startRedisServer());
const { path: dataDir } = opened.use(temporaryFolder());
const redis = new Redis(url);
opened.defer(() => redis.disconnect());

async function openReplica(): Promise<Chat> {
  const log = new RecordingLog();
  const connected = await connectRedis(url, 5_000, log);
  opened.defer(connected.link.close);
  const broadcast = opened.use(await openRedisBroadcast(connected, new InProcessBroadcast(), log));
  return opened.use(await openChat({ dataDir, broadcast }));
}

/** Bytes that Redis has received and sent. */
async function bytesMoved(): Promise<number> {
  const stats = await redis.info("stats");
  const of = (name: string): number => Number(new RegExp(`${name}:(\\d+)`, "u").exec(stats)?.[1]);
  return of("total_net_input_bytes") + of("total_net_output_bytes");
}

/** The newest frame of a type, once there are so many. */
async function frameOf<Type extends "welcome" | "history" | "done">(type: Type, count: number) {
  for (;;) {
    const frame = page.of(type)[count - 1];
    if (frame !== undefined) return frame;
    await setTimeout(5);
  }
}

const [writer, reader] = [await openReplica(), await openReplica()];
const page = opened.use(await connectWeb(reader.url));
const { user } = await frameOf("welcome", 1);
for (const [index, step] of stepChars.entries()) {
  const conversation = `c${step}`;
  const to = { platform: "web", target: { user, conversation } };
  page.send({ type: "open", conversation });
  await frameOf("history", index + 1);
  const before = await bytesMoved();
  let text = "";
  let id = "";
  for (let length = step; length <= chars; length += step) {
    text += "word ".repeat(step / 5);
    if (id === "") id = await writer.web.createPost(to, writer.post(text, { turn: conversation }));
    else await writer.web.editPost(to, id, writer.post(text, { turn: conversation }));
    await new Promise(setImmediate);
  }
  writer.web.turnFinished(to, { turn: conversation, text, covers: ["1"] });
  await frameOf("done", index + 1);
  const moved = (await bytesMoved()) - before;
  const shown = page.of("piece").filter((each) => each.conversation === conversation);
  if (shown.map((each) => each.text).join("") !== text) throw new Error("the page lacks text");
  process.stdout.write(
    `${chars} characters in steps of ${step}: ${(moved / 1e6).toFixed(2)} MB through Redis, ${shown.length} pieces\n`,
  );
}
