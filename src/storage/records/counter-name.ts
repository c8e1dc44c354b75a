import { hash } from "node:crypto";

/** A hash, so that a stored counter doesn't reveal its person, place or conversation. */
export function counterName(counter: string): string {
  return hash("sha256", counter, "base64url").slice(0, 22);
}
