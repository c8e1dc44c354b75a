import { JoinedSignal } from "../../async/joined-signal.ts";
import { isBound, type Interruption, type Turn } from "../../domain/turn.ts";
import type { TurnId } from "../../domain/message.ts";
import { interruptsPlan } from "../planning/interrupts-plan.ts";
import type { RememberingPlan } from "../planning/plan.ts";
import type { TurnPorts } from "../planning/turn-ports.ts";
import type { AdmittedConversation } from "../recovery/admitted-conversation.ts";
import type { Remembered } from "../remembering/next-memory.ts";
import { rememberPlan, type PlannedTurn } from "../remembering/remember-plan.ts";
import { inboundsOf } from "./inbounds-of.ts";
import { lookForInterruptions } from "./look-for-interruptions.ts";

/**
 * Adds what a plan says to memory. What interrupts its answer interrupts the reading of its files too: listening to them may
 * take minutes. Nothing is stored by then, so the turn is planned again. @throws {InterruptedError}
 */
export async function rememberUntilInterrupted(
  ports: TurnPorts,
  claimed: AdmittedConversation,
  planned: PlannedTurn,
  signal: AbortSignal,
): Promise<Remembered> {
  const { watch, running } = claimed;
  const { plan } = planned;
  // What a bound turn called may only be stopped, which its answer sees to.
  if (!readsFiles(plan) || (running !== undefined && isBound(running)))
    return rememberPlan(ports, planned, signal);
  const own = inboundsOf(claimed, plan);
  const turn = turnOf(ports, running, plan);
  watch.limitTo((interruption) => !own.has(interruption.inbound) && interrupts(interruption, plan, turn));
  using _ = lookForInterruptions(ports, claimed, signal);
  using reading = new JoinedSignal(signal, watch.signal);
  return await rememberPlan(ports, { ...planned, reading: reading.signal }, signal);
}

function readsFiles({ said, changes }: RememberingPlan): boolean {
  return (
    said.some(({ attachments, quoted }) => attachments.length + (quoted?.attachments.length ?? 0) > 0) ||
    changes.some((change) => change.kind === "edited" && (change.attachments ?? []).length > 0)
  );
}

/** As the turn will be called. Undefined: nothing knows its name yet. */
function turnOf(
  { ids }: Pick<TurnPorts, "ids">,
  running: Turn | undefined,
  { covers: [first] }: RememberingPlan,
): TurnId | undefined {
  return running?.id ?? (first === undefined ? undefined : ids.turnOf(first));
}

/** All that interrupts the answer does, and the end of a message that only is to be remembered. */
function interrupts(interruption: Interruption, plan: RememberingPlan, turn: TurnId | undefined): boolean {
  switch (plan.kind) {
    case "answer":
      return interruptsPlan(interruption, plan, turn);
    case "listen":
    case "changes":
      return interruption.kind === "command" || changesIn(plan, interruption);
    case "late":
    case "stop":
    case "command":
      return false;
  }
}

function changesIn({ said, changes }: RememberingPlan, interruption: Interruption): boolean {
  if (interruption.kind !== "question-changed") return false;
  const isSaid = said.some(({ id, author }) => id === interruption.message && author.isApp !== true);
  return (
    isSaid || changes.some((change) => change.kind === "edited" && change.message === interruption.message)
  );
}
