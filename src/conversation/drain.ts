import type { InboxEntry } from "../domain/inbound.ts";
import type { Recollection } from "../domain/recollection.ts";
import type { ReplyAddress } from "../domain/reply-address.ts";
import type { Interruption, Lease, Turn } from "../domain/turn.ts";
import { StaleLeaseError } from "../ports/journal.ts";
import { InterruptedError, type Drain, type Watch } from "../ports/waker.ts";
import { memorySetAside } from "./apology.ts";
import { giveUp, mostAttempts } from "./give-up.ts";
import {
  planNext,
  type AnswerPlan,
  type CommandPlan,
  type ListenPlan,
  type Plan,
  type StopPlan,
} from "./plan-next.ts";
import { eraseConversation, listen } from "./listen.ts";
import { nothingYet, withChanges, withSaid } from "./recollect.ts";
import { runCommand } from "./run-command.ts";
import { takeTurn } from "./take-turn.ts";
import { platformFor, type TurnPorts } from "./turn-ports.ts";
import { takeBackAttempt, waitOut } from "./wait-out.ts";

/** Takes the next turn of a conversation, and deals with whatever comes in between. */
export function drainWith(ports: TurnPorts): Drain {
  return async (conversation, signal) => {
    using watch = ports.interruptions.watch(conversation);
    const { lease, turn } = await ports.journal.take(conversation, signal);
    const waiting = await ports.inbox.waiting(conversation, signal);
    if (waiting.length === 0) return "rest";
    // Awaited here: returning ends the watch.
    return await takeNext(ports, { lease, running: turn, waiting, watch }, signal);
  };
}

interface Situation {
  readonly lease: Lease;
  /** The turn that an earlier attempt left. */
  readonly running: Turn | undefined;
  readonly waiting: readonly InboxEntry[];
  readonly watch: Watch;
}

async function takeNext(
  ports: TurnPorts,
  situation: Situation,
  signal: AbortSignal,
): Promise<"more" | "rest"> {
  try {
    await planAndDo(ports, situation, signal);
    return "more";
  } catch (error) {
    if (error instanceof StaleLeaseError) return "rest";
    if (error instanceof InterruptedError) {
      await takeBackAttempt(ports, situation.lease);
      return "more";
    }
    if (signal.aborted) {
      await takeBackAttempt(ports, situation.lease);
      return "rest";
    }
    await waitOut(ports, situation, error, signal);
    return "rest";
  }
}

async function planAndDo(ports: TurnPorts, situation: Situation, signal: AbortSignal): Promise<void> {
  const { lease, running, watch } = situation;
  if (running !== undefined && running.attempt >= mostAttempts) return giveUp(ports, situation, signal);
  const recalled = await ports.memory.recall(lease.conversation, signal);
  const before = recalled.recollection ?? nothingYet(lease.conversation);
  const plan = planFor(ports, situation, before);
  if (plan.kind === "idle") return;
  if (plan.kind === "erase") return eraseConversation(ports, situation, plan.covers, signal);
  const recollection = remember(ports, before, plan, running);
  if (recalled.setAside !== undefined) await tellSetAside(ports, plan, recalled.setAside, signal);
  if (plan.kind === "listen") return listen(ports, situation, { plan, recollection }, signal);

  const turn = await startTurn(ports, situation, plan, signal);
  if (plan.kind === "command") return runCommand(ports, { lease, turn, plan, recollection }, signal);
  watch.only((interruption) => concerns(interruption, plan));
  await takeTurn(ports, { lease, turn, plan, recollection }, watch.signal, signal);
}

function planFor(ports: TurnPorts, situation: Situation, before: Recollection): Plan {
  const interrupting = [...ports.commands.values()]
    .filter((each) => each.interrupts)
    .map((each) => each.definition.name);
  const isAnswered = situation.running?.answer !== undefined;
  // An answered turn must find its question again, also when memory has heard its other speakers meanwhile.
  const speakers = isAnswered ? [] : before.speakers.map((speaker) => speaker.id);
  return planNext(
    isAnswered ? answeredEntries(situation) : situation.waiting,
    new Set(speakers),
    new Set(interrupting),
  );
}

/** A turn that has its answer is finished with exactly the entries that it was answered for. */
function answeredEntries({ running, waiting }: Situation): readonly InboxEntry[] {
  const covered = waiting.filter((entry) => running?.covers.includes(entry.seq));
  return covered.length === 0 ? waiting : covered;
}

function remember(
  ports: TurnPorts,
  before: Recollection,
  plan: ListenPlan | AnswerPlan | StopPlan | CommandPlan,
  running: Turn | undefined,
): Recollection {
  // The record was written, and the process died before the inbox was closed: what is there is there.
  if (running !== undefined && before.lastTurn === running.id) return before;
  const { countTokens } = ports.model;
  return withSaid(withChanges(before, plan.changes, countTokens), plan.said, countTokens);
}

async function startTurn(
  ports: TurnPorts,
  { lease, running }: Situation,
  plan: AnswerPlan | StopPlan | CommandPlan,
  signal: AbortSignal,
): Promise<Turn> {
  const replyTo = plan.kind === "command" ? plan.command.replyTo : plan.question.replyTo;
  const turn: Turn = {
    posts: [],
    ...withoutDraft(running, plan),
    id: running?.id ?? ports.ids.turn(),
    conversation: lease.conversation,
    attempt: (running?.attempt ?? 0) + 1,
    covers: plan.covers,
    replyTo: running !== undefined && running.posts.length > 0 ? running.replyTo : replyTo,
  };
  await ports.journal.note(lease, turn, signal);
  return turn;
}

/** Only Stop wants what was written before it; to a changed question it is an answer to something else. */
function withoutDraft(running: Turn | undefined, plan: Plan): Turn | undefined {
  if (running === undefined || plan.kind === "stop") return running;
  const { draft: _, ...rest } = running;
  return rest;
}

function concerns(interruption: Interruption, plan: AnswerPlan | StopPlan): boolean {
  if (plan.kind === "stop") return false;
  return (
    interruption.kind !== "question-changed" ||
    plan.said.some((message) => message.id === interruption.message)
  );
}

async function tellSetAside(
  ports: TurnPorts,
  plan: ListenPlan | AnswerPlan | StopPlan | CommandPlan,
  reference: string,
  signal: AbortSignal,
): Promise<void> {
  const to = addressOf(plan);
  if (to === undefined) return;
  await platformFor(ports, to.platform)
    .tell(to, [memorySetAside(reference)], signal)
    // The operator has been told already, under the same reference.
    .catch((error: unknown) =>
      ports.log.warn({ err: error, reference }, "could not tell about a lost memory"),
    );
}

function addressOf(plan: ListenPlan | AnswerPlan | StopPlan | CommandPlan): ReplyAddress | undefined {
  if (plan.kind === "listen") return undefined;
  return plan.kind === "command" ? plan.command.replyTo : plan.question.replyTo;
}
