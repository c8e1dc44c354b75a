import type { MessageId, PostId } from "../../domain/message.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import { editIsNoCommand } from "../../domain/fixed-notices.ts";
import type { Lease, Turn } from "../../domain/turn.ts";
import type { AnswerAccount } from "../../domain/turn-record.ts";
import { ModelError } from "../../ports/model.ts";
import { ReaderTime } from "../text/reader-time.ts";
import { limitReached, wasAway } from "../text/user-messages.ts";
import { textOf } from "../agent/round-texts.ts";
import { askAgent, type AnswerWatch } from "./ask-agent.ts";
import { isEditedIntoCommand } from "../planning/is-edited-into-command.ts";
import { withWrites, type AnswerOfTurn } from "./with-writes.ts";
import { modelErrorMessage } from "../text/model-error-message.ts";
import type { AnswerPlan, LatePlan, StopPlan } from "../planning/plan-turn.ts";
import { isEditCall, moveCalledLast } from "../inbounds/edit-calls.ts";
import { remainingQuestions, memoryBefore, replaceAnswer, type Reanswer } from "../memory/reanswer.ts";
import { replyIdOf, appendReply, type ReplyToRemember } from "../memory/append.ts";
import type { Remembered } from "../remembering/next-memory.ts";
import { showOrNotify } from "./show-or-notify.ts";
import { type TurnPorts } from "../planning/turn-ports.ts";
import { shouldWaitForModel } from "../recovery/should-wait-for-model.ts";
import { ReplyWriter } from "../reply/reply-writer.ts";
import { platformFor } from "../reply/platform-for.ts";
import { AnswerObserver } from "../records/answer-observer.ts";
import { addRecord } from "../records/turn-record.ts";
import { recordOfAnswer } from "../remembering/record-of-turn.ts";
import { LimitError } from "../usage/limits.ts";
import { takePersonSlot } from "../usage/personal-slots.ts";
import { inheritedSources } from "../recall/inherited-sources.ts";
import { removeForgedSources } from "../recall/cite-sources.ts";

/** A turn and everything that it starts from. */
export interface TurnStart {
  readonly lease: Lease;
  readonly turn: Turn;
  readonly plan: AnswerPlan | LatePlan | StopPlan;
  /** Memory with the plan applied. */
  readonly remembered: Remembered;
}

/**
 * Answers a started turn: asks the model, posts the reply, remembers it, finishes. After any rejection (an interruption, a
 * lost lease, an outage) the journal holds enough to continue. `watch` applies only until the answer is saved.
 */
export async function answerTurn(
  ports: TurnPorts,
  start: TurnStart,
  watch: AnswerWatch,
  signal: AbortSignal,
): Promise<void> {
  const { lease, plan } = start;
  await using slots = new AsyncDisposableStack();
  if (plan.kind === "answer") {
    const { platform } = start.remembered.memory;
    slots.use(await takePersonSlot(ports, { platform, person: askerOf(plan), turn: start.turn.id }, signal));
  }
  const startedAtMs = ports.clock.nowMs();
  const { memory, traces } = start.remembered;
  const again = "again" in plan ? plan.again : undefined;
  const covers = again === undefined ? plan.said.map(({ id }) => id) : remainingQuestions(memory, again);
  const platform = platformFor(ports, start.turn.replyTo.platform);
  const reply = new ReplyWriter({ ...ports, platform }, lease, start.turn, covers);
  void platform.showWorking?.(start.turn.replyTo, signal).catch(() => undefined);

  const write = async (): Promise<readonly PostId[]> => {
    await reply.open(signal);
    if (reply.turn.answer === undefined) await produceAnswer(ports, { start, reply, watch }, signal);
    return reply.close(reply.turn.answer ?? "", signal, { finishes: true });
  };
  const posts = await showOrNotify(ports, { reply, plan, write }, signal);

  const { turn } = reply;
  const questions = "questions" in plan && covers.length > 1 ? plan.questions : undefined;
  const remembered = await rememberReply(ports, memory, { turn, covers, questions, posts, again });
  const replaces = memory.messages.find(({ id }) => id === again?.reply)?.turnId;
  const record = recordOfAnswer(ports, remembered, { turn, plan, covers, posts, replaces });
  const leaves = { ...traces, covers: plan.covers, memory: addRecord(remembered, record), posts };
  await reply.finish(leaves, signal);
  const { answer: text = "", answerRole: role = "bot" } = turn;
  const shown = { role, text, turnId: turn.id, answers: covers };
  platform.turnFinished?.(turn.replyTo, { turn: again?.reply ?? turn.id, text, covers, shown });
  const durationMs = ports.clock.nowMs() - startedAtMs;
  ports.log.info({ turn: turn.id, attempt: turn.attempt, posts: posts.length, durationMs }, "turn finished");
}

async function rememberReply(
  ports: Pick<TurnPorts, "model" | "platforms" | "clock">,
  memory: ConversationMemory,
  reply: {
    readonly turn: Turn;
    readonly covers: readonly MessageId[];
    readonly questions: readonly MessageId[] | undefined;
    readonly posts: readonly PostId[];
    readonly again: Reanswer | undefined;
  },
): Promise<ConversationMemory> {
  const { turn, covers, questions, posts, again } = reply;
  if (turn.answer === undefined) return memory;
  const [first] = posts;
  const permalink =
    first === undefined
      ? undefined
      : platformFor(ports, turn.replyTo.platform).permalinkOf?.(turn.conversation, first);
  const given: ReplyToRemember = {
    id: replyIdOf(posts, turn.id),
    role: turn.answerRole ?? "bot",
    text: turn.answer,
    answers: covers,
    ...(questions === undefined ? {} : { questions }),
    saidAtMs: ports.clock.nowMs(),
    posts,
    ...(permalink === undefined ? {} : { permalink }),
    sources: [...(turn.sources ?? []), ...(await inheritedSources(memory, turn.answer))],
    turnId: turn.id,
  };
  const { countTokens } = ports.model;
  if (again === undefined) return appendReply(memory, given, countTokens);
  return replaceAnswer(memory, again.reply, given, countTokens);
}

interface Answering {
  readonly start: TurnStart;
  readonly reply: ReplyWriter;
  readonly watch: AnswerWatch;
}

/** Saves the complete answer in the journal. From then on the model is not asked again. */
async function produceAnswer(ports: TurnPorts, answering: Answering, signal: AbortSignal): Promise<void> {
  const { start, reply } = answering;
  const { plan } = start;
  const save = (answer: AnswerOfTurn): Promise<void> =>
    reply.saveTurn(withWrites(answer, reply.turn), signal);
  if (plan.kind === "stop") return save(stoppedAnswer(start.turn));
  const observer = new AnswerObserver(ports);
  if (plan.kind === "late") {
    observer.end("late");
    return save({ ...lateAnswer(ports, plan), account: observer.account() });
  }
  if (isEditedIntoCommand(ports, plan, start.remembered.memory)) {
    observer.end("declined");
    const notice = { answer: editIsNoCommand, answerRole: "notice" } as const;
    return save({ ...notice, account: observer.account() });
  }
  try {
    const answered = await askModel(ports, { ...answering, plan, observer }, signal);
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
    observer.end("failed", error.kind);
    return save({ ...failureNotice(ports, start, error), account: observer.account() });
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
  }: Answering & { readonly plan: AnswerPlan; readonly observer: AnswerObserver },
  signal: AbortSignal,
): Promise<AnswerOfTurn> {
  const { memory: known } = start.remembered;
  const isAskedByApp = plan.question.message.author.isApp === true;
  const memory = memoryForPrompt(plan, known);
  const question = { reply, known, memory, person: askerOf(plan), isAskedByApp, observer };
  const { text, usage, sources } = await askAgent(ports, question, watch, signal);
  reply.throwIfLost();
  ports.log.info({ turn: start.turn.id, model: ports.model.name, ...usage }, "model answered");
  return { answer: text, answerRole: "bot", ...(sources.length === 0 ? {} : { sources }) };
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

function askerOf({ question }: AnswerPlan): string {
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

function stoppedAnswer({ draft: saved, rounds = [], account: before }: Turn): AnswerOfTurn {
  const account: AnswerAccount = { steps: [], ...before, outcome: "stopped" };
  const draft = saved ?? textOf(rounds);
  return draft === ""
    ? { answer: "*(Stopped.)*", answerRole: "notice", account }
    : { answer: `${removeForgedSources(draft).trimEnd()}\n\n*(Stopped here.)*`, answerRole: "bot", account };
}
