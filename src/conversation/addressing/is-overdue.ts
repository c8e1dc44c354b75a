import type { Said } from "../../domain/inbound.ts";

/** Whether a missed message is too old to be answered. */
export function isOverdue(said: Said, acceptedAtMs: number, answerWithinMs: number): boolean {
  return said.missed !== undefined && acceptedAtMs - said.message.saidAtMs > answerWithinMs;
}
