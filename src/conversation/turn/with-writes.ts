import type { Turn } from "../../domain/turn.ts";
import { writesNote } from "../text/writes-note.ts";

/** The answer of a turn, and what belongs to it. */
export type AnswerOfTurn = Required<Pick<Turn, "answer" | "answerRole">> &
  Pick<Turn, "sources" | "account" | "files">;

/** An answer that also says what became of the turn's writing calls, where people would not learn it otherwise. */
export function withWrites(answer: AnswerOfTurn, { rounds }: Pick<Turn, "rounds">): AnswerOfTurn {
  return { ...answer, answer: answer.answer + writesNote(rounds, answer.answerRole === "notice") };
}
