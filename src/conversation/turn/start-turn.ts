import type { TurnId } from "../../domain/message.ts";
import { isBound, type Turn } from "../../domain/turn.ts";
import { postsToOverwrite } from "../memory/reanswer.ts";
import type { ClaimedConversation } from "../planning/claimed-conversation.ts";
import { withoutOutdatedDraft } from "../planning/outdated-draft.ts";
import type { AnswerPlan, CommandPlan, LatePlan, StopPlan } from "../planning/plan.ts";
import type { TurnPorts } from "../planning/turn-ports.ts";

type Startable = AnswerPlan | LatePlan | StopPlan | CommandPlan;

/**
 * Begins the turn of a plan. An unfinished turn continues, with its id, posts and attempts. A new answer is not saved before
 * there is something to know about it, such as a post: until then, a crash begins the same turn again.
 */
export async function startTurn(
  ports: Pick<TurnPorts, "journal" | "ids" | "replyMode">,
  { lease, running, waiting }: Pick<ClaimedConversation, "lease" | "running" | "waiting">,
  plan: Startable,
  signal: AbortSignal,
): Promise<Turn> {
  const replyTo = plan.kind === "command" ? plan.command.replyTo : plan.question.replyTo;
  const turn: Turn = {
    posts: [],
    ...withoutOldDraft(running, waiting, plan),
    id: running?.id ?? newId(ports, plan),
    conversation: lease.conversation,
    attempt: running?.attempt ?? 0,
    covers: plan.covers,
    ...(running === undefined || !isBound(running) ? { replyMode: ports.replyMode } : {}),
    ...("again" in plan && plan.again !== undefined ? postsToOverwrite(running, plan.again) : {}),
    replyTo: running !== undefined && running.posts.length > 0 ? running.replyTo : replyTo,
  };
  if (running !== undefined || plan.kind === "command" || turn.posts.length > 0)
    await ports.journal.save(lease, turn, signal);
  return turn;
}

function newId({ ids }: Pick<TurnPorts, "ids">, { covers: [first] }: Startable): TurnId {
  return first === undefined ? ids.turn() : ids.turnOf(first);
}

/**
 * An answer stays, with what it was made from. Only Stop uses the draft of an interrupted turn, if nothing was removed or
 * corrected since; to a changed question it answers something else. The calls that were made for other entries are of no use
 * either.
 */
function withoutOldDraft(
  running: Turn | undefined,
  waiting: ClaimedConversation["waiting"],
  plan: Startable,
): Turn | undefined {
  if (running === undefined || running.answer !== undefined) return running;
  if (plan.kind === "stop") return withoutOutdatedDraft(running, waiting, plan);
  const { draft: _, sources: _sources, account: _account, rounds = [], ...rest } = running;
  const isSame =
    plan.covers.length === running.covers.length && plan.covers.every((id) => running.covers.includes(id));
  return isSame && rounds.length > 0 ? { ...rest, rounds } : rest;
}
