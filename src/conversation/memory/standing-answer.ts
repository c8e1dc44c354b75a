import type { ConversationMemory, RememberedMessage, Source } from "../../domain/conversation-memory.ts";
import { cutAnswerIn } from "../../domain/cut-answer.ts";
import { saidIn } from "../../domain/file-texts.ts";
import type { MessageId } from "../../domain/message.ts";
import type { Turn } from "../../domain/turn.ts";
import { beginningOf, continueAnswer } from "../text/continue-answer.ts";
import { imagesOf } from "../../domain/made-image.ts";
import { invalidateSummary } from "./invalidate-summary.ts";
import { isPlaceholder, memoryBefore, type Reanswer } from "./reanswer.ts";
import { addTokenCount, applyEditTo, type CountTokens } from "./remembered-message.ts";

/** An answer that a person asked to have again. It stands until the new one is complete. */
export interface StandingAnswer {
  readonly old: RememberedMessage;
  /** Where the new answer begins: the old one up to its cut. Empty: it is a new answer. */
  readonly beginning: string;
}

/** The answer that a press is about. Undefined: no press asks again, or the question was changed since. */
export function standingAnswer(
  { messages }: ConversationMemory,
  again: Reanswer | undefined,
): StandingAnswer | undefined {
  if (again?.action === undefined) return undefined;
  const old = messages.find(({ id }) => id === again.reply);
  if (old === undefined || isPlaceholder(old)) return undefined;
  const cut = again.action === "continue" ? cutAnswerIn(saidIn(old)) : undefined;
  return { old, beginning: cut === undefined ? "" : beginningOf(cut.written) };
}

/** The memory from which a standing answer is given again: what was said before, and how it begins. */
export function memoryToAnswerAgain(
  memory: ConversationMemory,
  { old, beginning }: StandingAnswer,
  countTokens: CountTokens,
): ConversationMemory {
  const before = askingAgain(memoryBefore(memory, old.id), old.answers, countTokens);
  if (beginning === "") return before;
  return {
    ...before,
    messages: [...before.messages, addTokenCount({ ...old, text: beginning, attachments: [] }, countTokens)],
  };
}

/** The whole of an answer that goes on where the old one was cut. A new answer stays as it is. */
export function wholeAnswer<T extends Pick<Turn, "sources" | "files"> & { readonly answer: string }>(
  { old, beginning }: StandingAnswer,
  more: T,
): T {
  if (beginning === "") return more;
  const sources = [...(old.sources ?? []), ...(more.sources ?? [])];
  const answer = continueAnswer(saidIn(old), more.answer);
  const files = [...imagesOf(old), ...(more.files ?? [])];
  return {
    ...more,
    answer,
    ...(files.length === 0 ? {} : { files }),
    ...(sources.length === 0 ? {} : { sources: withoutRepeats(sources) }),
  };
}

/** The old answer, as the answer of a turn. `line`: why, for the person who pressed. */
export function restore(
  { old }: StandingAnswer,
  line: string | undefined,
): Required<Pick<Turn, "answer" | "answerRole" | "sources" | "restored">> & Pick<Turn, "files"> {
  const { role, sources = [], turnId: turn = "" } = old;
  const files = imagesOf(old);
  return {
    answer: saidIn(old),
    ...(files.length === 0 ? {} : { files }),
    answerRole: role === "notice" ? "notice" : "bot",
    sources,
    restored: { turn, ...(line === undefined ? {} : { line }) },
  };
}

/** Memory in which a new answer can replace the standing one: a summary in progress may have read that. */
export function forNewAnswer(
  memory: ConversationMemory,
  { old }: StandingAnswer,
  countTokens: CountTokens,
): ConversationMemory {
  return invalidateSummary(askingAgain(memory, old.answers, countTokens), old.ordinal);
}

/** Makes questions that were given up visible to the model again. */
function askingAgain(
  memory: ConversationMemory,
  questions: readonly MessageId[],
  countTokens: CountTokens,
): ConversationMemory {
  const messages = memory.messages.map((each) =>
    each.isGivenUp === true && questions.includes(each.id)
      ? applyEditTo(each, each, memory, countTokens)
      : each,
  );
  return { ...memory, messages };
}

function withoutRepeats(sources: readonly Source[]): readonly Source[] {
  return [
    ...new Map(sources.map((each) => [JSON.stringify([each.conversation, each.message]), each])).values(),
  ];
}
