import type { Message, TurnId } from "../../domain/message.ts";
import type { Stop } from "../../domain/turn.ts";

/** An answer that runs, or would. */
interface Stoppable {
  /** Undefined: it has no turn yet. */
  readonly turn: TurnId | undefined;
  /** What it answers first. Empty: what was answered before. */
  readonly said: readonly Pick<Message, "saidAtMs">[];
}

/** Whether a Stop ends an answer. Not if it names another turn, or was pressed before anything of it was said. */
export function stopsAnswer({ turn, pressedAtMs }: Stop, answer: Stoppable): boolean {
  if (turn !== undefined) return turn === answer.turn;
  if (pressedAtMs === undefined || answer.said.length === 0) return true;
  return answer.said.some(({ saidAtMs }) => saidAtMs <= pressedAtMs);
}
