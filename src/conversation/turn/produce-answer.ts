import type { ConversationMemory, RememberedMessage } from "../../domain/conversation-memory.ts";
import { editIsNoCommand } from "../../domain/fixed-notices.ts";
import type { MessageId } from "../../domain/message.ts";
import { quotedId } from "../../domain/quoted.ts";
import type { Turn } from "../../domain/turn.ts";
import type { AnswerAccount } from "../../domain/turn-record.ts";
import { citedMessages, filesMadeIn } from "../../domain/tool-round.ts";
import { ModelError } from "../../ports/model.ts";
import { textOf } from "../agent/round-texts.ts";
import { isEditCall, moveCalledLast } from "../inbounds/edit-calls.ts";
import { memoryBefore, remainingQuestions } from "../memory/reanswer.ts";
import { memoryToAnswerAgain, type StandingAnswer } from "../memory/standing-answer.ts";
import { isEditedIntoCommand } from "../planning/is-edited-into-command.ts";
import type { AnswerPlan, LatePlan, StopPlan } from "../planning/plan.ts";
import type { TurnPorts } from "../planning/turn-ports.ts";
import { removeForgedSources, sourceOf } from "../recall/cite-sources.ts";
import { AnswerObserver } from "../records/answer-observer.ts";
import { shouldWaitForModel } from "../recovery/should-wait-for-model.ts";
import type { ReplyWriter } from "../reply/reply-writer.ts";
import { goOnFrom } from "../text/continue-answer.ts";
import { captionOf } from "../text/made-images.ts";
import { modelErrorMessage } from "../text/model-error-message.ts";
import { findRepliedTo } from "../text/quoted-messages.ts";
import { ReaderTime } from "../text/reader-time.ts";
import { quoteHeard, withoutHeard } from "../text/speech.ts";
import { withUnreadFiles } from "../text/unread-files.ts";
import { limitReached, wasAway } from "../text/user-messages.ts";
import { LimitError } from "../usage/limits.ts";
import { imageOrdered } from "./image-ordered.ts";
import { askAgent, type AnswerWatch } from "./ask-agent.ts";
import { readImages } from "./read-images.ts";
import { answerOrOld } from "./restore-answer.ts";
import type { TurnStart } from "./turn-start.ts";
import type { AnswerOfTurn } from "./with-writes.ts";

/** The turn whose answer is produced, and how. */
export interface Answering {
  readonly start: TurnStart;
  readonly reply: ReplyWriter;
  readonly watch: AnswerWatch;
  /** Missing: no answer stands there. */
  readonly standing: StandingAnswer | undefined;
}

/** Saves the complete answer in the journal. From then on the model is not asked again. */
export async function produceAnswer(
  ports: TurnPorts,
  answering: Answering,
  signal: AbortSignal,
): Promise<void> {
  const { start, reply, standing } = answering;
  const { plan } = start;
  const save = (answer: AnswerOfTurn): Promise<void> =>
    reply.saveTurn(answerOrOld(answer, reply.turn, standing), signal);
  if (plan.kind === "stop") return save(stoppedAnswer(start.turn, headingOf(answering)));
  const observer = new AnswerObserver(ports);
  if (plan.kind === "late") {
    observer.end("late");
    return save({ ...lateAnswer(ports, plan), account: observer.account() });
  }
  if (standing === undefined && isEditedIntoCommand(ports, plan, start.remembered.memory)) {
    observer.end("declined");
    const notice = { answer: editIsNoCommand, answerRole: "notice" } as const;
    return save({ ...notice, account: observer.account() });
  }
  try {
    const asked = { ...answering, plan, observer };
    const answered = (await imageOrdered(ports, asked, signal)) ?? (await askModel(ports, asked, signal));
    return await save({ ...answered, account: observer.account() });
  } catch (error) {
    if (error instanceof LimitError) {
      observer.end("limited", error.limit);
      return save({ ...limitNotice(ports, error), account: observer.account() });
    }
    if (!(error instanceof ModelError)) throw error;
    if (shouldWaitForModel(ports, plan, error)) {
      // A process that lost its claim must not postpone the conversation.
      await ports.journal.assertCurrent(start.lease, signal);
      throw error;
    }
    const images = imagesAlone(reply.turn);
    if (images === undefined) observer.end("failed", error.kind);
    return save({ ...(images ?? failureNotice(ports, start, error)), account: observer.account() });
  }
}

/** @throws as askForAnswer does. */
async function askModel(
  ports: TurnPorts,
  {
    start,
    plan,
    reply,
    watch,
    observer,
    standing,
  }: Answering & { readonly plan: AnswerPlan; readonly observer: AnswerObserver },
  signal: AbortSignal,
): Promise<AnswerOfTurn> {
  const { memory: known } = start.remembered;
  const isAskedByApp = plan.question.message.author.isApp === true;
  const memory =
    standing === undefined
      ? memoryForPrompt(plan, known)
      : memoryToAnswerAgain(known, standing, ports.model.countTokens);
  const goOn =
    standing === undefined || standing.beginning === ""
      ? undefined
      : goOnFrom(withoutHeard(standing.beginning));
  const asked = messagesAsked(plan, known);
  const heading = headingOf({ start, standing });
  reply.showAbove(heading);
  const images = await readImages(ports, { memory, asked }, signal);
  const person = askerOf(plan);
  const preferences =
    isAskedByApp || goOn !== undefined
      ? undefined
      : await ports.preferences.find(known.platform, person, signal);
  const whose = { person, question: plan.question.message.id, isAskedByApp };
  const question = { reply, known, memory, goOn, preferences, images, ...whose, observer };
  const { text, usage, sources } = await askAgent(ports, question, watch, signal);
  reply.throwIfLost();
  ports.log.info({ turn: start.turn.id, model: ports.model.name, ...usage }, "model answered");
  const answer = heading + withUnreadFiles(withoutHeard(text), asked, images.notShown(asked));
  const from = sources.length === 0 ? {} : { sources };
  return { answer, answerRole: "bot", ...imagesOfRounds(reply.turn), ...from };
}

function imagesOfRounds({ rounds }: Turn): Pick<Turn, "files"> {
  const files = filesMadeIn(rounds);
  return files.length === 0 ? {} : { files };
}

/** What the model made before it failed: it was paid for. Undefined: nothing. */
function imagesAlone(turn: Turn): AnswerOfTurn | undefined {
  const { files } = imagesOfRounds(turn);
  return files === undefined ? undefined : { answer: captionOf(files), answerRole: "bot", files };
}

/** What was heard of the question. An answer that goes on has it already. */
function headingOf({ start: { plan, remembered }, standing }: Pick<Answering, "start" | "standing">): string {
  if (plan.kind === "late" || (standing?.beginning ?? "") !== "") return "";
  const { memory } = remembered;
  const { covers, quoted } = idsAsked(plan, memory);
  return quoteHeard(memory.messages.filter(({ id }) => covers.has(id) || quoted.has(id)));
}

/** The messages to answer, and those that came with them as quotations. */
function idsAsked(
  { again, said }: AnswerPlan | StopPlan,
  known: ConversationMemory,
): Readonly<Record<"covers" | "quoted", ReadonlySet<MessageId>>> {
  const covers = again === undefined ? said.map(({ id }) => id) : remainingQuestions(known, again);
  const quoted = said.flatMap((message) =>
    message.quoted === undefined ? [] : [quotedId(message.quoted.id)],
  );
  return { covers: new Set(covers), quoted: new Set(quoted) };
}

/** The messages that the answer is about, with those that they quote or reply to. */
function messagesAsked(
  plan: AnswerPlan | StopPlan,
  known: ConversationMemory,
): ConversationMemory["messages"] {
  const { covers, quoted } = idsAsked(plan, known);
  const asked = known.messages.filter(({ id }) => covers.has(id));
  const repliedTo = asked.flatMap((message) => findRepliedTo(known.messages, message) ?? []);
  const named = new Set<RememberedMessage>([...asked, ...repliedTo]);
  return known.messages.filter((message) => named.has(message) || quoted.has(message.id));
}

function failureNotice(
  { ids, log }: Pick<TurnPorts, "ids" | "log">,
  { turn }: TurnStart,
  error: ModelError,
): AnswerOfTurn {
  const reference = turn.waitsFor?.reference ?? ids.reference();
  log.error({ err: error, kind: error.kind, reference, turn: turn.id }, "the model gave no answer");
  return { answer: modelErrorMessage(error, reference), answerRole: "notice" };
}

/** The memory from which the prompt is built. It ends with the question. */
function memoryForPrompt(
  { again, changes, said }: AnswerPlan,
  known: ConversationMemory,
): ConversationMemory {
  if (again !== undefined) return memoryBefore(known, again.reply);
  if (!changes.some(isEditCall)) return known;
  return moveCalledLast(
    known,
    said.map(({ id }) => id),
  );
}

/** The Author's id of the asker. */
export function askerOf({ question }: Pick<AnswerPlan, "question">): string {
  return question.message.author.id;
}

function limitNotice({ clock }: Pick<TurnPorts, "clock">, { limit }: LimitError): AnswerOfTurn {
  return { answer: limitReached(limit, clock.nowMs()), answerRole: "notice" };
}

/** Only in a DM is the author the one reader whose time zone counts. */
function lateAnswer(
  { clock, timeZone }: Pick<TurnPorts, "clock" | "timeZone">,
  { downtime, question }: LatePlan,
): AnswerOfTurn {
  const isDirect = question.addressing === "direct";
  const time = new ReaderTime(clock.nowMs(), isDirect ? question.message.author : {}, timeZone);
  return { answer: wasAway(downtime, isDirect, time), answerRole: "notice" };
}

/** A killed process may have left a draft without sources and account. */
function stoppedAnswer(
  { draft: saved, rounds = [], sources, account: before }: Turn,
  heading: string,
): AnswerOfTurn {
  const account: AnswerAccount = { steps: [], ...before, outcome: "stopped" };
  const cited = sources ?? citedMessages(rounds).map(sourceOf);
  const files = filesMadeIn(rounds);
  const draft = (saved ?? textOf(rounds)) || captionOf(files);
  return draft === ""
    ? { answer: "*(Stopped.)*", answerRole: "notice", account }
    : {
        answer: `${heading}${removeForgedSources(draft).trimEnd()}\n\n*(Stopped here.)*`,
        answerRole: "bot",
        ...(files.length === 0 ? {} : { files }),
        ...(cited.length === 0 ? {} : { sources: cited }),
        account,
      };
}
