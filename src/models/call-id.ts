import { randomUUID } from "node:crypto";

/** For a call that came without an id: nine letters and digits, the only form that Mistral's templates take. */
export function newCallId(): string {
  return randomUUID().replaceAll("-", "").slice(0, 9);
}
