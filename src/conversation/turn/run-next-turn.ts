import type { ConversationKey } from "../../domain/conversation.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import { isBound } from "../../domain/turn.ts";
import { BusyError, type Claim, type Journal } from "../../ports/journal.ts";
import type { RunNextTurn } from "../../ports/turn-scheduler.ts";
import { askByCommand } from "./ask-by-command.ts";
import { answerTurn } from "./answer-turn.ts";
import { afterTurn } from "./after-turn.ts";
import { delegateCommand, runsInBackground } from "./background-command.ts";
import type { AdmittedConversation } from "../recovery/admitted-conversation.ts";
import { runCommandTurn } from "./command-turn.ts";
import { keepSuspicion, Suspects } from "../recovery/crash-suspects.ts";
import { endAttempt, endClaim } from "../recovery/end-attempt.ts";
import { entriesToPlan } from "../planning/entries-to-plan.ts";
import { finishIfAnswered } from "./finish-if-answered.ts";
import { inboundsOf } from "./inbounds-of.ts";
import { interruptsPlan } from "../planning/interrupts-plan.ts";
import { locationOf } from "../planning/location-of.ts";
import type { Remembered } from "../remembering/next-memory.ts";
import type { RememberingPlan } from "../planning/plan.ts";
import { planWithMemory } from "../planning/plan-with-memory.ts";
import { lookForInterruptions } from "./look-for-interruptions.ts";
import { readMemory } from "../remembering/read-memory.ts";
import { repeatInterruptions } from "./repeat-interruptions.ts";
import { reaskChangedQuestions } from "./reask-changed-questions.ts";
import { applyChangesOnly, eraseConversation, recordOnly } from "./record-only.ts";
import { throwIfStillAsking } from "../recovery/wait-for-approval.ts";
import { rememberUntilInterrupted } from "./remember-until-interrupted.ts";
import { resolveEntries } from "../planning/resolve-entries.ts";
import { eraseFiles } from "../files/erase-files.ts";
import { reviewRequest, throwIfUnanswered } from "./review-request.ts";
import { runSpecialEntry } from "./run-special-entry.ts";
import { settleAgainPresses } from "./settle-again-presses.ts";
import { settlePresses } from "./settle-presses.ts";
import { restingJournal } from "../recovery/show-rest.ts";
import { startTurn } from "./start-turn.ts";
import { notingJournal, type NotingJournal } from "./noting-journal.ts";
import type { TurnPorts } from "../planning/turn-ports.ts";
import { retractPosts } from "../reply/delete-posts.ts";
import { delayedErasureOf } from "../memory/delayed-erasure.ts";
import type { SettingsAt, TurnConditions } from "../settings/settings-at.ts";
import { scopeOf } from "../planning/scope-of.ts";

/** What turns need, before it is known where the next one takes place. */
type RunPorts = Omit<TurnPorts, keyof TurnConditions> & {
  readonly settingsAt: SettingsAt;
  /** This process, as the journal names it. Missing: a new name. */
  readonly worker?: string;
};

/** Runs the next turn of a conversation, from the claim to the finish. For the states of a turn see Turn. */
export function runNextTurnWith(given: RunPorts): RunNextTurn {
  const suspects = new Suspects(given);
  return async (conversation, signal) => {
    // Before the inbox is read: an interruption that comes later must not be missed.
    using watch = given.interruptions.watch(conversation);
    const claim = await claimUnlessBusy(given.journal, conversation, suspects.worker, signal);
    if (claim === undefined) return "rest";
    const { lease, turn: running, isShared, syncedRevision, newestSeq } = claim;
    const suspicion = suspects.judge(claim);
    try {
      using admission = await suspects.admit(lease, suspicion, signal);
      // A suspect may have been kept waiting.
      const known: Pick<Claim, "waiting" | "memory"> = suspicion === undefined ? claim : {};
      const waiting = known.waiting ?? (await given.inbox.waiting(conversation, signal));
      if (waiting.length === 0) return "rest";
      const ports = { ...given, ...given.settingsAt(scopeOf(waiting)) };
      const start = { lease, location: locationOf(waiting), waiting, snapshot: known.memory };
      const before = async (): Promise<ConversationMemory> => (await readMemory(ports, start, signal)).before;
      const { snapshot } = start;
      const claimed = {
        lease,
        running,
        isShared,
        syncedRevision,
        waiting,
        snapshot,
        watch,
        admission,
        newestSeq,
        before,
      };
      // Awaited here: returning disposes the watch, and admits the next suspect.
      return await attemptTurn(keepSuspicion(ports, admission), claimed, signal);
    } catch (error) {
      return endClaim(given, { lease, suspicion, error }, signal);
    }
  };
}

/** Undefined: another process works on it, and its finish sees what waits. */
async function claimUnlessBusy(
  journal: Journal,
  conversation: ConversationKey,
  worker: string,
  signal: AbortSignal,
): Promise<Claim | undefined> {
  try {
    return await journal.claim(conversation, worker, signal);
  } catch (error) {
    if (error instanceof BusyError) return undefined;
    throw error;
  }
}

async function attemptTurn(
  given: TurnPorts,
  claimed: AdmittedConversation,
  signal: AbortSignal,
): Promise<"more" | "rest"> {
  const ports = { ...given, journal: restingJournal(given, claimed) };
  const { journal, outcome, stored } = notingJournal(ports.journal);
  try {
    await runTurn({ ...ports, journal }, claimed, stored, signal);
    return outcome();
  } catch (error) {
    return endAttempt(ports, claimed, error, signal);
  }
}

async function runTurn(
  ports: TurnPorts,
  claimed: AdmittedConversation,
  stored: NotingJournal["stored"],
  signal: AbortSignal,
): Promise<void> {
  throwIfStillAsking(ports, claimed);
  const { lease, snapshot } = claimed;
  const waiting = entriesToPlan(claimed, claimed.admission.verdict !== "go");
  if (await runSpecialEntry(ports, { ...claimed, waiting }, signal)) return;
  const location = locationOf(waiting);
  const { before, lost } = await readMemory(ports, { lease, location, waiting, snapshot }, signal);
  if (before.erasing !== undefined)
    await ports.delayedErasures.put(delayedErasureOf(before, before.erasing), signal);
  if (await finishIfAnswered(ports, { lease, waiting, before }, signal)) return;
  const current = await resolveEntries(ports, { ...claimed, waiting }, before, signal);
  if (await settlePresses(ports, { ...claimed, waiting: current }, before, signal)) return;
  if (await settleAgainPresses(ports, { ...claimed, waiting: current }, before, signal)) return;
  const review = await reviewRequest(ports, { ...claimed, waiting: current }, before, signal);
  const plan = planWithMemory(ports, { ...review, waiting: current }, before);
  await throwIfUnanswered(ports, review, { plan, before }, signal);
  if (plan.kind === "idle") return;
  await repeatInterruptions(ports, claimed, plan, signal);
  if (plan.kind === "erase") {
    const all = { revision: 0, kind: "all", beforeOrdinal: 1, beforeMs: ports.clock.nowMs() } as const;
    await eraseFiles(ports, lease.conversation, [all], signal);
    return eraseConversation(ports, { lease, running: review.running }, { plan, before }, signal);
  }
  const { syncedRevision } = claimed;
  const remembered = await rememberUntilInterrupted(
    ports,
    { ...claimed, running: review.running },
    { plan, location, before, waiting, lost, syncedRevision },
    signal,
  );
  await retractPosts(ports, location.platform, remembered.postsToRetract, signal);
  await reaskChangedQuestions(ports, remembered, waiting, signal);
  await executePlan(ports, { ...claimed, running: review.running }, { plan, remembered }, signal);
  afterTurn(ports, plan, { remembered: remembered.memory, stored: stored() });
}

/** Each branch ends with Journal.finish. */
async function executePlan(
  ports: TurnPorts,
  claimed: AdmittedConversation,
  { plan, remembered }: { readonly plan: RememberingPlan; readonly remembered: Remembered },
  signal: AbortSignal,
): Promise<void> {
  const { lease, watch } = claimed;
  if (plan.kind === "command" && runsInBackground(ports, plan.command))
    return delegateCommand(ports, { lease, plan, remembered }, signal);
  if (plan.kind === "listen") return recordOnly(ports, claimed, { plan, remembered }, signal);
  if (plan.kind === "changes") return applyChangesOnly(ports, claimed, { plan, remembered }, signal);
  if (plan.kind === "command" && (await askByCommand(ports, { lease, plan, remembered }, signal))) return;
  const turn = await startTurn(ports, claimed, plan, signal);
  if (plan.kind === "command") return runCommandTurn(ports, { lease, turn, plan, remembered }, signal);
  const planned = inboundsOf(claimed, plan);
  const limitTo = (isBoundTurn: boolean): void =>
    watch.limitTo(
      (interruption) =>
        !planned.has(interruption.inbound) &&
        interruptsPlan(interruption, plan, turn.id) &&
        (!isBoundTurn || interruption.kind === "stopped"),
    );
  limitTo(isBound(turn));
  const watching = { signal: watch.signal, limitToStop: () => limitTo(true) };
  const isFirstAttempt = claimed.running === undefined;
  using _ = lookForInterruptions(ports, claimed, signal);
  await answerTurn(ports, { lease, turn, plan, remembered, isFirstAttempt }, watching, signal);
}
