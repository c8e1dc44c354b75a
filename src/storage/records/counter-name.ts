import { hash } from "node:crypto";

import { LRUCache } from "lru-cache";

const names = new LRUCache<string, string>({ max: 2_000 });

/** A hash, so that a stored counter doesn't reveal its person, place or conversation. */
export function counterName(counter: string): string {
  const known = names.get(counter);
  if (known !== undefined) return known;
  const name = hash("sha256", counter, "base64url").slice(0, 22);
  names.set(counter, name);
  return name;
}
