import type { InboxEntry } from "../../domain/inbound.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { Interruption, Turn } from "../../domain/turn.ts";
import { StaleLeaseError } from "../../ports/journal.ts";
import { InterruptedError, type RunNextTurn, type Watch } from "../../ports/turn-scheduler.ts";
import { afterTurn } from "./after-turn.ts";
import { memoryRebuilt } from "../text/user-messages.ts";
import { applyCommandEdits } from "../command/apply-command-edits.ts";
import { writtenCommands } from "../command/command.ts";
import { applyConfirmations } from "./confirmation.ts";
import { delayedErasureOf } from "../memory/delayed-erasure.ts";
import { finishIfAnswered } from "./finish-if-answered.ts";
import { postsToOverwrite } from "../memory/reanswer.ts";
import { deadLetterTurn, maxAttempts, type FailedTurn } from "./dead-letter-turn.ts";
import { planWithMemory } from "./plan-with-memory.ts";
import type { AnswerPlan, CommandPlan, LatePlan, Plan, StopPlan, RememberingPlan } from "./plan-turn.ts";
import { withChangedQuotes } from "../inbounds/apply-quote-changes.ts";
import { withCallsOfArchived, withNewCalls } from "../inbounds/edit-calls.ts";
import { applyChangesOnly, eraseConversation, recordOnly } from "./record-only.ts";
import { asQuoted } from "../text/quoted-messages.ts";
import { readMemory } from "./read-memory.ts";
import { removeErased } from "./remove-erased.ts";
import { locationOf, nextMemory, type Remembered } from "./next-memory.ts";
import {
  delegateCommand,
  delegatedIn,
  runBackgroundCommand,
  runsInBackground,
} from "./background-command.ts";
import { runCommandTurn } from "./command-turn.ts";
import { backfillFor } from "./backfill.ts";
import { notifyAuthor } from "./notify-author.ts";
import { retractPosts } from "../reply/delete-posts.ts";
import { answerTurn } from "./answer-turn.ts";
import type { TurnPorts } from "./turn-ports.ts";
import { releaseClaim, firstEntryAlone, Suspects, keepSuspicion, type Admission } from "./crash-suspects.ts";
import { locateChange, unlocatedIn } from "../inbounds/unlocated.ts";
import { backOff } from "./back-off.ts";
import { reaskChangedQuestions } from "./reask-changed-questions.ts";
import { TooManyAtOnceError } from "../usage/limits.ts";
import type { ClaimedConversation } from "./claimed-conversation.ts";

/** How long a turn waits while the same person has many answers under way. */
const pauseMs = 1_000;

/** Takes the next turn of a conversation, and deals with whatever comes in between. */
export function runNextTurnWith(ports: TurnPorts): RunNextTurn {
  const suspects = new Suspects(ports);
  return async (conversation, signal) => {
    using watch = ports.interruptions.watch(conversation);
    const taken = await ports.journal.claim(conversation, suspects.worker, signal);
    const { lease, turn: running, isShared, syncedRevision } = taken;
    const suspicion = suspects.judge(taken);
    try {
      using admission = await suspects.admit(lease, suspicion, signal);
      const waiting = await ports.inbox.waiting(conversation, signal);
      if (waiting.length === 0) return "rest";
      const before = async (): Promise<ConversationMemory> =>
        (await readMemory(ports, { lease, location: locationOf(waiting), waiting }, signal)).before;
      const situation = { lease, running, isShared, syncedRevision, waiting, watch, admission, before };
      // Awaited here: returning ends the watch, and lets the next suspect in.
      return await takeNext(keepSuspicion(ports, admission), situation, signal);
    } catch (error) {
      if (!signal.aborted) return restIfStale(error);
      return await releaseClaim(ports, lease, suspicion).then(() => "rest" as const, restIfStale);
    }
  };
}

/** What a reply for everybody ends. */
type AnsweringPlan = AnswerPlan | LatePlan | StopPlan;

interface Situation extends ClaimedConversation {
  readonly watch: Watch;
  readonly admission: Admission;
}

async function takeNext(
  ports: TurnPorts,
  situation: Situation,
  signal: AbortSignal,
): Promise<"more" | "rest"> {
  try {
    await planAndExecute(ports, situation, signal);
    return "more";
  } catch (error) {
    try {
      const outcome = await comeBack(ports, situation, error, signal);
      if (!(error instanceof StaleLeaseError))
        await releaseClaim(ports, situation.lease, situation.admission.suspicion);
      return outcome;
    } catch (fault) {
      return restIfStale(fault);
    }
  }
}

/** Something came in between: leaves the conversation so that it goes on from here. */
async function comeBack(
  ports: TurnPorts,
  situation: Situation,
  error: unknown,
  signal: AbortSignal,
): Promise<"more" | "rest"> {
  if (error instanceof StaleLeaseError) return "rest";
  if (error instanceof InterruptedError) return "more";
  if (signal.aborted) return "rest";
  if (error instanceof TooManyAtOnceError) {
    // It holds no place while it waits; the sweeper comes back to it.
    await ports.inbox.postpone(situation.lease.conversation, ports.clock.nowMs() + pauseMs, signal);
    return "rest";
  }
  return backOff(ports, situation, error, signal);
}

function restIfStale(error: unknown): "rest" {
  if (error instanceof StaleLeaseError) return "rest";
  throw error;
}

async function planAndExecute(ports: TurnPorts, situation: Situation, signal: AbortSignal): Promise<void> {
  const { lease, syncedRevision } = situation;
  const waiting = atOnce(situation);
  const location = locationOf(waiting);
  const poison = poisonIn(situation);
  if (poison !== undefined) return deadLetterTurn(ports, { ...poison, waiting }, signal);
  const entry = delegatedIn(waiting);
  if (entry !== undefined) return runBackgroundCommand(ports, { ...situation, entry }, signal);
  const change = unlocatedIn(waiting);
  if (change !== undefined) return locateChange(ports, { lease, entry: change }, signal);
  const { before, lost } = await readMemory(ports, { lease, location, waiting }, signal);
  if (before.erasing !== undefined)
    await ports.delayedErasures.put(delayedErasureOf(before, before.erasing), signal);
  if (await finishIfAnswered(ports, { lease, waiting, before }, signal)) return;
  const calling = await withCallsOfArchived(ports, before, waiting, signal);
  const heard = withChangedQuotes(await removeErased(ports, before, calling, signal));
  const known = await applyConfirmations(ports, before, asTheyRead(ports, situation, heard), signal);
  const plan = planWithMemory(ports, { ...situation, waiting: withNewCalls(before, known) }, before);
  if (plan.kind === "idle") return;
  if (plan.kind === "erase") return eraseConversation(ports, situation, { plan, before }, signal);
  if (lost !== undefined)
    await notifyAuthor(ports, plan, memoryRebuilt(lost.reference, lost.isRebuilt), signal);
  const backfill =
    lost === undefined ? await backfillFor(ports, before, { location, plan }, signal) : undefined;
  const start = {
    before,
    location,
    plan,
    backfill,
    syncedRevision: Math.min(syncedRevision, before.revision),
  };
  const remembered = await nextMemory(ports, start);
  await retractPosts(ports, location.platform, remembered.postsToRetract, signal);
  await reaskChangedQuestions(ports, remembered, waiting, signal);
  await executePlan(ports, situation, { plan, remembered }, signal);
  afterTurn(ports, plan, remembered);
}

async function executePlan(
  ports: TurnPorts,
  situation: Situation,
  { plan, remembered }: { readonly plan: RememberingPlan; readonly remembered: Remembered },
  signal: AbortSignal,
): Promise<void> {
  const { lease, watch } = situation;
  if (plan.kind === "command" && runsInBackground(ports, plan.command))
    await delegateCommand(ports, { lease, plan, remembered }, signal);
  else if (plan.kind === "listen") await recordOnly(ports, situation, { plan, remembered }, signal);
  else if (plan.kind === "meanwhile") await applyChangesOnly(ports, lease, { plan, remembered }, signal);
  else {
    const turn = await startTurn(ports, situation, plan, signal);
    if (plan.kind === "command") await runCommandTurn(ports, { lease, turn, plan, remembered }, signal);
    else {
      watch.limitTo((interruption) => concerns(interruption, plan));
      await answerTurn(ports, { lease, turn, plan, remembered }, watch.signal, signal);
    }
  }
}

/** What has its answer was ordered as it was. */
function asTheyRead(
  { commands, platforms }: TurnPorts,
  { running }: Situation,
  waiting: readonly InboxEntry[],
): readonly InboxEntry[] {
  if (running?.answer !== undefined) return waiting;
  const definitions = writtenCommands(commands);
  return applyCommandEdits(waiting, definitions, platforms.get(locationOf(waiting).platform)?.botName);
}

/** What is planned: all that waits, or what has to be tried by itself. */
function atOnce({ admission: { verdict }, running, waiting }: Situation): readonly InboxEntry[] {
  return verdict === "go" || running?.answer !== undefined ? waiting : firstEntryAlone(waiting);
}

/** Undefined: there is no reason to give it up. */
function poisonIn(situation: Situation): FailedTurn | undefined {
  const { verdict, suspicion } = situation.admission;
  const { attempt = 0 } = situation.running ?? {};
  if (verdict === "give-up" || verdict === "bury") {
    const why = `ended the process ${suspicion?.alone} times, each time as the only suspect`;
    return { ...situation, why, isBare: verdict === "bury" };
  }
  return attempt < maxAttempts ? undefined : { ...situation, why: `failed ${attempt} times` };
}

async function startTurn(
  ports: TurnPorts,
  { lease, running }: Situation,
  plan: AnsweringPlan | CommandPlan,
  signal: AbortSignal,
): Promise<Turn> {
  const replyTo = plan.kind === "command" ? plan.command.replyTo : plan.question.replyTo;
  const turn: Turn = {
    posts: [],
    ...withoutDraft(running, plan),
    id: running?.id ?? ports.ids.turn(),
    conversation: lease.conversation,
    attempt: running?.attempt ?? 0,
    covers: plan.covers,
    ...("again" in plan && plan.again !== undefined ? { posts: postsToOverwrite(running, plan.again) } : {}),
    replyTo: running !== undefined && running.posts.length > 0 ? running.replyTo : replyTo,
  };
  await ports.journal.save(lease, turn, signal);
  return turn;
}

/** Only Stop wants what was written before it; to a changed question it is an answer to something else. */
function withoutDraft(running: Turn | undefined, plan: Plan): Turn | undefined {
  if (running === undefined || plan.kind === "stop") return running;
  const { draft: _, sources: _sources, ...rest } = running;
  return rest;
}

function concerns(interruption: Interruption, plan: AnsweringPlan): boolean {
  if (plan.kind !== "answer") return false;
  // A reset comes after an answer that is given again: it has nothing else to stop.
  if (interruption.kind === "command") return plan.again === undefined;
  return (
    interruption.kind !== "question-changed" ||
    plan.again?.answers.includes(interruption.message) === true ||
    // An app may change a post of its own every second.
    plan.said
      .flatMap(({ quoted, ...said }) => [said, ...(quoted === undefined ? [] : [asQuoted(quoted)])])
      .some(({ id, author }) => id === interruption.message && author.isApp !== true)
  );
}
