import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import { withRequest } from "../../domain/tool-round.ts";
import { requestOf, type Turn } from "../../domain/turn.ts";
import type { ClaimedConversation } from "../planning/claimed-conversation.ts";
import type { Plan } from "../planning/plan.ts";
import { requestOutlook, type RequestOutlook } from "../planning/request-outlook.ts";
import type { TurnPorts } from "../planning/turn-ports.ts";
import { standingRounds } from "../recall/standing-rounds.ts";
import { AwaitingApprovalError, shownUntil } from "../recovery/wait-for-approval.ts";

type Claimed = Pick<ClaimedConversation, "lease" | "running" | "waiting">;

/** The running turn, and what becomes of its request. */
interface Review {
  readonly running: Turn | undefined;
  readonly request: RequestOutlook | undefined;
}

/** Withdraws the request of the running turn if what came since ends it, and saves that. */
export async function reviewRequest(
  ports: TurnPorts,
  { lease, running, waiting }: Claimed,
  before: ConversationMemory,
  signal: AbortSignal,
): Promise<Review> {
  const request = requestOutlook(ports, { running, waiting }, before);
  if (running === undefined || (request !== "withdrawn" && request !== "outdated"))
    return { running, request };
  const changed = request === "withdrawn" ? withdraw(running) : dropRounds(running);
  await ports.journal.save(lease, changed, signal);
  return { running: changed, request };
}

function withdraw(running: Turn): Turn {
  const { rounds = [] } = running;
  const id = requestOf(running)?.id ?? "";
  return { ...running, rounds: withRequest(rounds, id, { answer: "withdrawn" }) };
}

function dropRounds(running: Turn): Turn {
  const { rounds: _, account: _account, ...rest } = running;
  return rest;
}

/**
 * Ends a look at a turn whose request is shown and waits on. It goes on if something that its rounds quote has changed.
 * @throws {AwaitingApprovalError}
 */
export async function throwIfUnanswered(
  ports: Pick<TurnPorts, "clock" | "archive" | "platforms">,
  { running, request }: Review,
  { plan, before }: { readonly plan: Plan; readonly before: ConversationMemory },
  signal: AbortSignal,
): Promise<void> {
  if (plan.kind !== "answer" || request !== "open") return;
  const untilMs = shownUntil(ports, running);
  const { rounds = [] } = running ?? {};
  if (untilMs === undefined || (await standingRounds(ports.archive, before, rounds, signal)) !== rounds)
    return;
  throw new AwaitingApprovalError(untilMs);
}
