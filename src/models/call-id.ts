import { randomUUID } from "node:crypto";

/** Id for a call that came without one: nine letters and digits, because Mistral's templates accept nothing else. */
export function newCallId(): string {
  return randomUUID().replaceAll("-", "").slice(0, 9);
}
