import type { Redis } from "./commands/redis.ts";
import { strings } from "./commands/replies.ts";

const scanCount = 500;

/** Visits every key that begins so, those of one reply of the server at once. @throws {StoreError} */
export async function forEachKey(
  redis: Redis,
  beginning: string,
  visit: (key: string) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  let cursor = "0";
  do {
    const reply = await redis.send(["SCAN", cursor, "MATCH", `${beginning}*`, "COUNT", scanCount], signal);
    const [next = "0", found] = Array.isArray(reply) ? reply : [];
    await Promise.all(strings(found).map(visit));
    cursor = String(next);
  } while (cursor !== "0");
}
