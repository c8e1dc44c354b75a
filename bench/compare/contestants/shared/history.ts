import { createClient } from "redis";

import { environment } from "./environment.ts";
import { historyLength, type Line } from "./prompt.ts";

const redis = createClient({ url: environment.redisUrl });

function keyOf(thread: string): string {
  return `history:${thread}`;
}

export async function openHistory(): Promise<void> {
  await redis.connect();
}

/** Adds a question and reads the newest lines with it, in one round trip. */
export async function addQuestion(thread: string, question: string): Promise<readonly Line[]> {
  const key = keyOf(thread);
  const line: Line = { role: "user", content: question };
  const [, stored] = await Promise.all([
    redis.rPush(key, JSON.stringify(line)),
    redis.lRange(key, -historyLength, -1),
  ]);
  return stored.map((each) => JSON.parse(each) as Line);
}

/** Adds an answer and drops what no prompt will have any more, in one round trip. */
export async function addAnswer(thread: string, answer: string): Promise<void> {
  const key = keyOf(thread);
  const line: Line = { role: "assistant", content: answer };
  await Promise.all([redis.rPush(key, JSON.stringify(line)), redis.lTrim(key, -historyLength, -1)]);
}
