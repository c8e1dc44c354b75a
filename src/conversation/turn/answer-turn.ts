import type { MessageId, PostId } from "../../domain/message.ts";
import type { Turn } from "../../domain/turn.ts";
import type { Finish } from "../../ports/journal.ts";
import type { Platform } from "../../ports/platform.ts";
import { remainingQuestions, type Reanswer } from "../memory/reanswer.ts";
import { standingAnswer, type StandingAnswer } from "../memory/standing-answer.ts";
import type { TurnPorts } from "../planning/turn-ports.ts";
import { addRecord } from "../records/turn-record.ts";
import { retitleWithout } from "../remembering/retitle.ts";
import { recordOfAnswer } from "../remembering/record-of-turn.ts";
import { shownOf } from "../reply/old-reply.ts";
import { platformFor } from "../reply/platform-for.ts";
import { ReplyWriter, type ReplyPorts } from "../reply/reply-writer.ts";
import { takePersonSlot } from "../usage/personal-slots.ts";
import type { AnswerWatch } from "./ask-agent.ts";
import { askerOf, produceAnswer } from "./produce-answer.ts";
import { rememberReply } from "./remember-reply.ts";
import { tellIfRestored } from "./restore-answer.ts";
import { settleAnswer } from "./settle-answer.ts";
import { showOrNotify } from "./show-or-notify.ts";
import type { TurnStart } from "./turn-start.ts";

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
  const { plan } = start;
  await using slots = new AsyncDisposableStack();
  if (plan.kind === "answer") {
    const { platform } = start.remembered.memory;
    slots.use(await takePersonSlot(ports, { platform, person: askerOf(plan), turn: start.turn.id }, signal));
  }
  const startedAtMs = ports.clock.nowMs();
  const { memory } = start.remembered;
  const again = "again" in plan ? plan.again : undefined;
  const covers = again === undefined ? plan.said.map(({ id }) => id) : remainingQuestions(memory, again);
  const platform = platformFor(ports, start.turn.replyTo.platform);
  const standing = standingAnswer(memory, again);
  const reply = replyOver(standing, start, { ports: { ...ports, platform }, covers });
  void platform.showWorking?.(start.turn.replyTo, signal, start.turn.id).catch(() => undefined);

  const write = async (): Promise<readonly PostId[]> => {
    await reply.open(signal);
    if (reply.turn.answer === undefined)
      await produceAnswer(ports, { start, reply, watch, standing }, signal);
    return reply.close(reply.turn.answer ?? "", signal, { finishes: true });
  };
  const posts = await showOrNotify(ports, { reply, plan, write, standing }, signal);
  await tellIfRestored(ports, reply, plan, signal);

  const { turn } = reply;
  await settleAnswer(ports, start, { turn, posts, again, standing }, signal);
  await reply.finish(await leavesOf(ports, start, { turn, covers, posts, again }), signal);
  platform.turnFinished?.(turn.replyTo, finishedReply(turn, { covers, again }));
  const durationMs = ports.clock.nowMs() - startedAtMs;
  ports.log.info({ turn: turn.id, attempt: turn.attempt, posts: posts.length, durationMs }, "turn finished");
}

/** The writer of a reply. It writes over a standing answer, whose posts it knows unless an earlier attempt changed them. */
function replyOver(
  standing: StandingAnswer | undefined,
  { lease, turn, isFirstAttempt }: TurnStart,
  { ports, covers }: { readonly ports: ReplyPorts; readonly covers: readonly MessageId[] },
): ReplyWriter {
  const reply = new ReplyWriter(ports, lease, turn, covers);
  if (standing === undefined) return reply;
  const { commands, platform } = ports;
  const shown = isFirstAttempt ? shownOf(standing.old, { commands, platform }) : [];
  reply.writeOver({ beginning: standing.beginning, shown });
  return reply;
}

/** A finished reply as its platform shows it. */
function finishedReply(
  { id, answer: text = "", answerRole: role = "bot", restored, files }: Turn,
  { covers, again }: { readonly covers: readonly MessageId[]; readonly again: Reanswer | undefined },
): Parameters<NonNullable<Platform["turnFinished"]>>[1] {
  const shown = { role, text, turnId: restored?.turn ?? id, answers: covers };
  return {
    turn: again?.reply ?? id,
    text,
    covers,
    shown,
    ...(files === undefined ? {} : { images: files }),
  };
}

async function leavesOf(
  ports: TurnPorts,
  { plan, remembered: { memory, traces } }: TurnStart,
  {
    turn,
    covers,
    posts,
    again,
  }: {
    readonly turn: Turn;
    readonly covers: readonly MessageId[];
    readonly posts: readonly PostId[];
    readonly again: Reanswer | undefined;
  },
): Promise<Finish> {
  const questions = "questions" in plan && covers.length > 1 ? plan.questions : undefined;
  const remembered = await rememberReply(ports, memory, { turn, covers, questions, posts, again });
  const old = memory.messages.find(({ id }) => id === again?.reply);
  const replaced = turn.restored === undefined ? old : undefined;
  // What goes on still begins as its title says.
  const isNew = replaced !== undefined && again?.action !== "continue";
  const { memory: titled, ...title } = isNew
    ? retitleWithout(remembered, replaced.id)
    : { memory: remembered };
  const record = recordOfAnswer(ports, remembered, { turn, plan, covers, posts, replaces: replaced?.turnId });
  // The old answer leaves what the stores keep besides memory.
  const changed = [...(traces.changed ?? []), ...(replaced === undefined ? [] : [replaced.id])];
  return { ...traces, ...title, changed, covers: plan.covers, memory: addRecord(titled, record), posts };
}
