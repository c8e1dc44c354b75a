import type {
  Change,
  CommandInbound,
  EntryId,
  Inbound,
  InboxEntry,
  Said,
  Stopped,
} from "../../domain/inbound.ts";
import type { Message, MessageId, TurnId } from "../../domain/message.ts";
import { saidFromReasked } from "../memory/reanswer.ts";
import { isEditCall, type EditCall } from "../inbounds/edit-calls.ts";
import type { AnswerPlan, ChangesPlan, Effects, ListenPlan, Plan, StopPlan } from "./plan.ts";
import { questionsForBot, type AnsweringRules } from "./questions.ts";
import { applyWaitingChanges, type AppliedChanges } from "./apply-waiting-changes.ts";
import { isMessageChange } from "../../domain/message-change.ts";
import { stopsAnswer } from "./stops-answer.ts";

type Step = Omit<InboxEntry, "inbound"> & { readonly inbound: Said | Change };
type Boundary = Pick<InboxEntry, "id"> & { readonly inbound: CommandInbound | Stopped };

/** What decides about a plan. */
export interface PlanRules extends AnsweringRules {
  /** The id of the turn that begins with an entry. Missing: there is no turn that a Stop could name. */
  readonly turnOf?: (first: EntryId) => TurnId;
}

/**
 * Decides what the next turn does. Pure; linear in the entries.
 * Edits and deletions of waiting messages are applied first. Then the turn covers the run of messages up to the next
 * command, and answers the last one that is for the bot; an order for an image is answered alone. Stop and an interrupting
 * command also cover the run before them.
 * A Stop for an answer that is over waits until there is nothing to answer, and changes nothing.
 */
export function planTurn(
  waiting: readonly InboxEntry[],
  speakers: ReadonlySet<string>,
  interruptingCommands: ReadonlySet<string>,
  rules: PlanRules,
): Plan {
  const erased = waiting.findLastIndex((entry) => entry.inbound.kind === "erased");
  if (erased >= 0) return { kind: "erase", covers: waiting.slice(0, erased + 1).map(({ id }) => id) };
  const late = lateStopsIn(waiting, rules);
  const entries = late.length === 0 ? waiting : waiting.filter((entry) => !late.includes(entry));
  const plan = planReanswer(entries) ?? planRun(entries, speakers, interruptingCommands, rules);
  if (late.length === 0 || (plan.kind !== "idle" && plan.kind !== "listen")) return plan;
  const { covers, ...rest } = plan.kind === "listen" ? plan : nothing;
  return { ...rest, kind: "listen", covers: [...covers, ...late.map(({ id }) => id)] };
}

const nothing: Effects = { covers: [], changes: [], said: [] };

/** Stops whose answer is over. */
function lateStopsIn(waiting: readonly InboxEntry[], { turnOf }: PlanRules): readonly InboxEntry[] {
  const stops = waiting.filter(({ inbound }) => inbound.kind === "stopped");
  if (stops.length === 0) return stops;
  const first = waiting.find(({ inbound }) => inbound.kind !== "stopped");
  const isAgain = first?.inbound.kind === "reasked";
  const said = waiting.flatMap(({ inbound }) => (inbound.kind === "said" ? [inbound.message] : []));
  const answer = { turn: first && turnOf?.(first.id), said: isAgain ? [] : said };
  return stops.filter(({ inbound }) => inbound.kind === "stopped" && !stopsAnswer(inbound, answer));
}

function planRun(
  waiting: readonly InboxEntry[],
  speakers: ReadonlySet<string>,
  interruptingCommands: ReadonlySet<string>,
  rules: AnsweringRules,
): Plan {
  const applied = applyWaitingChanges(waiting);
  const whole = firstRun(applied);
  const plan = planSteps(whole, { waiting, speakers, interruptingCommands }, rules);
  const end = plan.kind === "answer" ? endOfOrder(whole.steps, plan.questions ?? [], rules) : undefined;
  if (end === undefined) return plan;
  return planSteps(firstRun(applied, end), { waiting: [], speakers, interruptingCommands }, rules);
}

interface Around {
  readonly waiting: readonly InboxEntry[];
  readonly speakers: ReadonlySet<string>;
  readonly interruptingCommands: ReadonlySet<string>;
}

function planSteps(
  { steps, boundary: next, absorbed }: Run,
  { waiting, speakers, interruptingCommands }: Around,
  rules: AnsweringRules,
): Plan {
  const run = effectsOf(steps, absorbed);
  const { fresh, late, muted } = questionsForBot(steps, speakers, rules);
  const listen = { ...run, kind: "listen", ...(muted.length === 0 ? {} : { muted }) } as const;
  const boundary = fresh === undefined ? next : endOf(next, waiting, interruptingCommands);
  if (boundary !== undefined) {
    const covers = [...run.covers, boundary.id];
    if (boundary.inbound.kind === "stopped") {
      return fresh === undefined
        ? { ...listen, covers }
        : { ...run, kind: "stop", question: fresh.question, covers };
    }
    if (run.covers.length === 0 || interruptingCommands.has(boundary.inbound.name)) {
      return { ...run, kind: "command", command: boundary.inbound, covers };
    }
  }
  if (run.covers.length === 0) return { kind: "idle" };
  if (fresh !== undefined) return { ...run, kind: "answer", ...fresh };
  return late === undefined ? listen : { ...run, kind: "late", ...late };
}

/**
 * Where the next turn begins: a turn with an order has no other question, which would take its place or lose its own. Undefined:
 * there is no order, or nothing else is asked.
 */
function endOfOrder(
  steps: readonly Step[],
  questions: readonly MessageId[],
  { isOrder }: AnsweringRules,
): EntryId | undefined {
  if (isOrder === undefined || questions.length < 2) return undefined;
  const known = new Set(questions);
  const asked = steps.flatMap(({ id, inbound }) => {
    const said = inbound.kind === "said" ? inbound : isEditCall(inbound) ? inbound.call : undefined;
    return said !== undefined && known.has(said.message.id) ? [{ id, said }] : [];
  });
  const first = asked.findIndex(({ said }) => isOrder(said));
  return first < 0 ? undefined : asked[Math.max(first, 1)]?.id;
}

/** A command that waits for an answer does not keep a Stop from ending the answer. */
function endOf(
  next: Boundary | undefined,
  waiting: readonly InboxEntry[],
  interruptingCommands: ReadonlySet<string>,
): Boundary | undefined {
  if (next?.inbound.kind !== "commanded" || interruptingCommands.has(next.inbound.name)) return next;
  const stop = waiting.flatMap(({ id, inbound }) => (inbound.kind === "stopped" ? [{ id, inbound }] : []))[0];
  return stop ?? next;
}

/**
 * Plans the repeated answer to a question, if one is the first entry. The turn also covers later changes to the messages of
 * that answer. If the question was deleted since, its answer is removed instead.
 */
function planReanswer(waiting: readonly InboxEntry[]): AnswerPlan | StopPlan | ListenPlan | undefined {
  const [first, ...later] = waiting;
  const asked = first?.inbound;
  if (first === undefined || asked?.kind !== "reasked") return undefined;
  const { message, reply, posts, answers, action } = asked;
  const related = later.filter(
    ({ inbound }) =>
      (changesOneOf(inbound, answers) && !isEditCall(inbound)) ||
      (inbound.kind === "reasked" && inbound.message === message),
  );
  const changes = related.map(({ inbound }) => inbound).filter(isMessageChange);
  const covers = [first, ...related].map(({ id }) => id);
  const run = { covers, changes, said: [] };
  if (changes.some((each) => each.kind === "deleted" && each.message === message))
    return { ...run, kind: "listen" };
  const question = saidFromReasked(asked, first.acceptedAtMs);
  const again = { message, reply, posts, answers, ...(action === undefined ? {} : { action }) };
  const stop = later.find(({ inbound }) => inbound.kind === "stopped");
  if (stop !== undefined) return { ...run, kind: "stop", question, again, covers: [...covers, stop.id] };
  return { ...run, kind: "answer", question, again, askedAtMs: first.acceptedAtMs };
}

function changesOneOf(inbound: Inbound, messages: readonly MessageId[]): boolean {
  return isMessageChange(inbound) && messages.includes(inbound.message);
}

/** Plans only the changes among the entries of the next turn. An edit that calls the bot waits. Undefined: no changes. */
export function planChangesOnly(waiting: readonly InboxEntry[]): ChangesPlan | undefined {
  // While an answer waits, a Stop among them is late: see planTurn.
  const passed = new Set<Inbound["kind"]>(["reasked", "stopped"]);
  const applied = applyWaitingChanges(waiting.filter(({ inbound }) => !passed.has(inbound.kind)));
  const { steps, absorbed } = firstRun(applied);
  const changing = steps.filter(({ inbound }) => inbound.kind !== "said" && !isEditCall(inbound));
  if (changing.length === 0) return undefined;
  // An edit that was applied to a waiting message waits with it.
  const isGone = (id: EntryId | undefined): boolean => id !== undefined && applied.absorbed.get(id) === id;
  const gone = absorbed.filter(({ id }) => isGone(applied.absorbed.get(id)));
  return { kind: "changes", ...effectsOf(changing, gone) };
}

interface Run {
  readonly steps: readonly Step[];
  readonly boundary: Boundary | undefined;
  readonly absorbed: readonly InboxEntry[];
}

/** `end`: the first entry of the next run, if something else ends this one. */
function firstRun({ entries, absorbed }: AppliedChanges, end?: EntryId): Run {
  const steps: Step[] = [];
  const reached = new Set<EntryId>();
  let boundary: Boundary | undefined;
  for (const { id, seq, acceptedAtMs, inbound } of entries) {
    if (id === end) break;
    if (inbound.kind === "commanded" || inbound.kind === "stopped") {
      boundary = { id, inbound };
      break;
    }
    if (inbound.kind === "reasked" || inbound.kind === "unplaced") break;
    if (inbound.kind === "delegated" || inbound.kind === "joined") break;
    reached.add(id);
    if (inbound.kind !== "erased" && !absorbed.has(id)) steps.push({ id, seq, acceptedAtMs, inbound });
  }
  const gone = entries.filter(({ id }) => reached.has(absorbed.get(id) ?? ""));
  return { steps, boundary, absorbed: gone };
}

function effectsOf(steps: readonly Step[], absorbed: readonly InboxEntry[]): Effects {
  const changes: Change[] = [];
  const said: Message[] = [];
  for (const { inbound } of steps) {
    if (inbound.kind !== "said") changes.push(inbound);
    if (inbound.kind === "said" || isEditCall(inbound)) said.push(messageOf(inbound));
  }
  const covers = [...steps, ...absorbed].toSorted((a, b) => a.seq - b.seq).map(({ id }) => id);
  return { covers, changes, said };
}

function messageOf(inbound: Said | EditCall): Message {
  return inbound.kind === "said" ? inbound.message : inbound.call.message;
}
