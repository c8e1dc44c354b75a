import { createHash } from "node:crypto";

/** Counters are kept under names that tell nobody which person, place or conversation they count. */
export function counterName(counter: string): string {
  return createHash("sha256").update(counter).digest("base64url").slice(0, 22);
}
