import type { MessageId } from "../domain/message.ts";
import type { Recollection } from "../domain/recollection.ts";
import type { Lease, PostId, Turn } from "../domain/turn.ts";
import { ModelError } from "../ports/model.ts";
import { PlatformError } from "../ports/platform.ts";
import { InterruptedError } from "../ports/waker.ts";
import { apologyFor } from "./apology.ts";
import { askModel } from "./ask-model.ts";
import type { AnswerPlan, StopPlan } from "./plan-next.ts";
import { buildPrompt } from "./prompt-builder.ts";
import { withReply } from "./recollect.ts";
import { platformFor, type TurnPorts } from "./turn-ports.ts";
import { fitWindow } from "./window.ts";
import { ReplyWriter } from "./write-reply.ts";

/** A turn with all that it starts from. */
export interface TurnStart {
  readonly lease: Lease;
  readonly turn: Turn;
  readonly plan: AnswerPlan | StopPlan;
  /** With everything that the plan remembers. */
  readonly recollection: Recollection;
}

/**
 * One turn, from what was said to the closed reply: fit to the budget, ask, write, remember.
 * Whatever it rejects with, the journal holds enough to go on: an interruption, a lost lease, an outage.
 * `interrupted` counts until the answer is whole; after that it is written to its end.
 */
export async function takeTurn(
  ports: TurnPorts,
  start: TurnStart,
  interrupted: AbortSignal,
  signal: AbortSignal,
): Promise<void> {
  const { lease, plan } = start;
  const startedAtMs = ports.clock.nowMs();
  const recollection = fitWindow(start.recollection, ports.budget, ports.model.countTokens);
  const covers = plan.said.map((message) => message.id);
  const platform = platformFor(ports, start.turn.replyTo.platform);
  const reply = new ReplyWriter({ ...ports, platform }, lease, start.turn, covers);
  void platform.showWorking?.(start.turn.replyTo, signal).catch(() => undefined);

  const posts = await shownOrMissing(ports, reply, async () => {
    await reply.open(signal);
    if (reply.turn.answer === undefined) {
      await answer(ports, { start, recollection, reply, interrupted }, signal);
    }
    return reply.close(reply.turn.answer ?? "", signal);
  });

  const { turn } = reply;
  const remembered = rememberReply(ports, recollection, { turn, covers, posts });
  await ports.journal.finish(lease, { covers: plan.covers, recollection: remembered, posts }, signal);
  platform.turnFinished?.(turn.replyTo, { turn: turn.id, text: turn.answer ?? "", covers });
  const durationMs = ports.clock.nowMs() - startedAtMs;
  ports.log.info({ turn: turn.id, attempt: turn.attempt, posts: posts.length, durationMs }, "turn finished");
}

function rememberReply(
  ports: TurnPorts,
  recollection: Recollection,
  reply: { readonly turn: Turn; readonly covers: readonly MessageId[]; readonly posts: readonly PostId[] },
): Recollection {
  const { turn, covers, posts } = reply;
  if (turn.answer === undefined) return { ...recollection, lastTurn: turn.id };
  const remembered = withReply(
    recollection,
    {
      id: posts[0] === undefined ? turn.id : messageIdOf(posts[0]),
      role: turn.answerRole ?? "bot",
      text: turn.answer,
      answers: covers,
      saidAtMs: ports.clock.nowMs(),
    },
    ports.model.countTokens,
  );
  return { ...remembered, lastTurn: turn.id };
}

interface Answering {
  readonly start: TurnStart;
  readonly recollection: Recollection;
  readonly reply: ReplyWriter;
  readonly interrupted: AbortSignal;
}

/** Puts the whole answer into the journal; from then on the model is not asked again. */
async function answer(ports: TurnPorts, answering: Answering, signal: AbortSignal): Promise<void> {
  const { start, recollection, reply } = answering;
  if (start.plan.kind === "stop") return reply.note(stoppedAnswer(start.turn.draft), signal);
  const asking = AbortSignal.any([signal, answering.interrupted]);
  const prompt = buildPrompt(recollection, ports.instructions);
  try {
    const { text, usage } = await askModel(ports.model, prompt, (soFar) => reply.grow(soFar, signal), asking);
    reply.throwIfLost();
    ports.log.info({ turn: start.turn.id, model: ports.model.name, ...usage }, "model answered");
    return await reply.note({ answer: text, answerRole: "bot" }, signal);
  } catch (error) {
    if (!(error instanceof ModelError)) {
      if (error instanceof InterruptedError) await keepDraft(reply);
      throw error;
    }
    const reference = ports.ids.reference();
    ports.log.error(
      { err: error, kind: error.kind, reference, turn: start.turn.id },
      "the model gave no answer",
    );
    return reply.note({ answer: apologyFor(error.kind, reference), answerRole: "notice" }, signal);
  }
}

/** Stop shows what was written so far; the plan that follows decides whether it is needed. */
async function keepDraft(reply: ReplyWriter): Promise<void> {
  if (reply.text !== "") await reply.note({ draft: reply.text }, AbortSignal.timeout(5_000));
}

/**
 * A place that is gone or closed to us can't show the reply, today or tomorrow: the turn finishes without, and the
 * operator is told. What may pass (no connection, rate limits) is thrown on.
 */
async function shownOrMissing(
  ports: TurnPorts,
  reply: ReplyWriter,
  write: () => Promise<readonly PostId[]>,
): Promise<readonly PostId[]> {
  try {
    return await write();
  } catch (error) {
    await reply.settle();
    if (!(error instanceof PlatformError) || isPassing(error)) throw error;
    ports.log.error(
      { err: error, kind: error.kind, reference: ports.ids.reference(), turn: reply.turn.id },
      "a reply could not be shown",
    );
    return reply.turn.posts.flatMap((post) => post.id ?? []);
  }
}

function isPassing({ kind }: PlatformError): boolean {
  return kind === "unreachable" || kind === "rate-limited";
}

function stoppedAnswer(draft: string | undefined): Pick<Turn, "answer" | "answerRole"> {
  return draft === undefined
    ? { answer: "*(Stopped.)*", answerRole: "notice" }
    : { answer: `${draft.trimEnd()}\n\n*(Stopped here.)*`, answerRole: "bot" };
}

/** A PostId may lead with its place: `<channel>/<message>`. */
function messageIdOf(post: PostId): MessageId {
  return post.slice(post.lastIndexOf("/") + 1);
}
