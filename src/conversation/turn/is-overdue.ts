import type { Said } from "../../domain/inbound.ts";

/** Whether a message was read so late that an answer would surprise more than it helps. */
export function isOverdue(said: Said, acceptedAtMs: number, answerWithinMs: number): boolean {
  return said.missed !== undefined && acceptedAtMs - said.message.saidAtMs > answerWithinMs;
}
