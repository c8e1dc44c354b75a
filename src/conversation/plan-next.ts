import type {
  Absence,
  Change,
  Commanded,
  Edited,
  EntryId,
  Inbound,
  InboxEntry,
  Said,
  Stopped,
} from "../domain/inbound.ts";
import type { Message, MessageId } from "../domain/message.ts";
import { isSaidBy } from "../domain/said-by.ts";
import { questionOf, type Again } from "./answer-again.ts";
import { isCalling, type Calling } from "./called-by-edit.ts";
import { isLate } from "./late.ts";

/** What a conversation does next. `covers` are the inbox entries that are done with when it is done. */
export type Plan =
  | { readonly kind: "idle" }
  | { readonly kind: "erase"; readonly covers: readonly EntryId[] }
  | ListenPlan
  | MeanwhilePlan
  | AnswerPlan
  | LatePlan
  | StopPlan
  | CommandPlan;

/** Nobody asked the bot: remember, and say nothing. */
export interface ListenPlan extends Remembering {
  readonly kind: "listen";
}

/** The answer has to wait: follow what changes, and leave the rest where it is. */
export interface MeanwhilePlan extends Remembering {
  readonly kind: "meanwhile";
}

export interface AnswerPlan extends Remembering {
  readonly kind: "answer";
  readonly question: Said;
  /** All that was for the bot, oldest first. Missing: the question alone. */
  readonly questions?: readonly MessageId[];
  /** The question was edited, or asked together with what is gone, and is answered in the posts of its old answer. */
  readonly again?: Again;
  /** When it reached us; of what nobody heard, when it was said. */
  readonly askedAtMs: number;
}

/** The bot was asked while it was away, too long ago: remember, and tell once that it was away. */
export interface LatePlan extends Remembering {
  readonly kind: "late";
  /** The last of what would have been answered. */
  readonly question: Said;
  readonly absence: Absence;
}

/** The question stands, and the person stopped its answer: what was written so far is the answer. */
export interface StopPlan extends Remembering {
  readonly kind: "stop";
  readonly question: Said;
  readonly again?: Again;
}

export interface CommandPlan extends Remembering {
  readonly kind: "command";
  readonly command: Commanded;
}

interface Remembering {
  readonly covers: readonly EntryId[];
  /** To what is remembered already, in the order in which they were made. */
  readonly changes: readonly Change[];
  /** Oldest first, as they read now: edits made while they waited are applied. */
  readonly said: readonly Message[];
}

type Step = Omit<InboxEntry, "inbound"> & { readonly inbound: Said | Change };
type Boundary = Pick<InboxEntry, "id"> & { readonly inbound: Commanded | Stopped };

/**
 * Decides what a conversation does with what waits.
 * Edits and deletions of messages that still wait are applied to them first. Then a turn takes the unbroken run of
 * messages at the head up to the next command, and answers the last one that is for the bot. Stop and an interrupting
 * command take the run before them with them. What was missed and is older than `answerWithinMs` is not answered.
 */
export function planNext(
  waiting: readonly InboxEntry[],
  speakers: ReadonlySet<string>,
  interruptingCommands: ReadonlySet<string>,
  answerWithinMs: number,
): Plan {
  const erased = waiting.findLastIndex((entry) => entry.inbound.kind === "erased");
  if (erased >= 0) return { kind: "erase", covers: waiting.slice(0, erased + 1).map(({ id }) => id) };
  const again = planAgain(waiting);
  if (again !== undefined) return again;
  const { steps, boundary, absorbed } = takeRun(applyWaitingChanges(waiting));
  const run = remembering(steps, absorbed);
  const { fresh, late } = forBot(steps, speakers, answerWithinMs);
  if (boundary !== undefined) {
    const covers = [...run.covers, boundary.id];
    if (boundary.inbound.kind === "stopped") {
      return fresh === undefined
        ? { ...run, kind: "listen", covers }
        : { ...run, kind: "stop", question: fresh.question, covers };
    }
    if (run.covers.length === 0 || interruptingCommands.has(boundary.inbound.name)) {
      return { ...run, kind: "command", command: boundary.inbound, covers };
    }
  }
  if (run.covers.length === 0) return { kind: "idle" };
  if (fresh !== undefined) return { ...run, kind: "answer", ...fresh };
  return late === undefined ? { ...run, kind: "listen" } : { ...run, kind: "late", ...late };
}

/**
 * A question that is answered again has a turn of its own, with all that was changed since of what its answer answers. Undefined: there is none
 * at the head. When it is deleted meanwhile, its answer goes with it.
 */
function planAgain(waiting: readonly InboxEntry[]): AnswerPlan | StopPlan | ListenPlan | undefined {
  const [first, ...later] = waiting;
  const asked = first?.inbound;
  if (first === undefined || asked?.kind !== "reasked") return undefined;
  const { message, reply, posts, answers } = asked;
  const related = later.filter(
    ({ inbound }) =>
      (changesOneOf(inbound, answers) && !isCalling(inbound)) ||
      (inbound.kind === "reasked" && inbound.message === message),
  );
  const changes = related.flatMap(({ inbound }) =>
    inbound.kind === "edited" || inbound.kind === "deleted" ? [inbound] : [],
  );
  const covers = [first, ...related].map(({ id }) => id);
  const run = { covers, changes, said: [] };
  if (changes.some((each) => each.kind === "deleted" && each.message === message))
    return { ...run, kind: "listen" };
  const question = questionOf(asked, first.acceptedAtMs);
  const again = { message, reply, posts, answers };
  const stop = later.find(({ inbound }) => inbound.kind === "stopped");
  if (stop !== undefined) return { ...run, kind: "stop", question, again, covers: [...covers, stop.id] };
  return { ...run, kind: "answer", question, again, askedAtMs: first.acceptedAtMs };
}

function changesOneOf(inbound: Inbound, messages: readonly MessageId[]): boolean {
  return (inbound.kind === "edited" || inbound.kind === "deleted") && messages.includes(inbound.message);
}

/** What changes, of the run that the next turn would take; a call by an edit waits like any other. Undefined: nothing does. */
export function planMeanwhile(waiting: readonly InboxEntry[]): MeanwhilePlan | undefined {
  const applied = applyWaitingChanges(waiting.filter(({ inbound }) => inbound.kind !== "reasked"));
  const { steps, absorbed } = takeRun(applied);
  const changing = steps.filter(({ inbound }) => inbound.kind !== "said" && !isCalling(inbound));
  if (changing.length === 0) return undefined;
  // An edit that has gone into a message that still waits waits with it.
  const isGone = (id: EntryId | undefined): boolean => id !== undefined && applied.absorbed.get(id) === id;
  const gone = absorbed.filter(({ id }) => isGone(applied.absorbed.get(id)));
  return { kind: "meanwhile", ...remembering(changing, gone) };
}

interface Applied {
  readonly entries: readonly InboxEntry[];
  /** The entries that need no step of their own any more, each with the entry that it went into. */
  readonly absorbed: ReadonlyMap<EntryId, EntryId>;
}

function applyWaitingChanges(waiting: readonly InboxEntry[]): Applied {
  const saidById = new Map<EntryId, Said>();
  const idByMessage = new Map<string, EntryId>();
  const absorbed = new Map<EntryId, EntryId>();
  const early = new Map<string, { readonly id: EntryId; readonly edit: Edited }>();
  for (const { id, inbound } of waiting) {
    if (inbound.kind === "said") {
      // What is delivered again, or read later, may come behind its own edit.
      const before = early.get(inbound.message.id);
      if (before !== undefined) absorbed.set(before.id, id);
      saidById.set(id, before === undefined ? inbound : withEdit(inbound, before.edit));
      idByMessage.set(inbound.message.id, id);
    } else if (inbound.kind === "edited" || inbound.kind === "deleted") {
      const target = idByMessage.get(inbound.message);
      const said = target === undefined ? undefined : saidById.get(target);
      if (target === undefined || said === undefined) {
        if (inbound.kind === "edited") early.set(inbound.message, { id, edit: inbound });
        continue;
      }
      if (inbound.kind === "deleted") {
        // The deletion itself stays: what may have copied the text meanwhile hears of it.
        saidById.delete(target);
        absorbed.set(target, target);
      } else {
        absorbed.set(id, target);
        saidById.set(target, withEdit(said, inbound));
      }
    } else if (inbound.kind === "forgot") {
      for (const [target, said] of saidById) {
        if (!isSaidBy(inbound, said.message)) continue;
        saidById.delete(target);
        absorbed.set(target, target);
      }
    }
  }
  const entries = waiting.map((entry) => ({ ...entry, inbound: saidById.get(entry.id) ?? entry.inbound }));
  return { entries, absorbed };
}

/** As it reads now. An edit can make a call of it, and no call that was made is undone by one. */
function withEdit(said: Said, { text, call }: Edited): Said {
  const addressing = call !== undefined && !isForBot(said, Infinity) ? call.addressing : said.addressing;
  return { ...said, addressing, message: { ...said.message, text } };
}

function takeRun({ entries, absorbed }: Applied): {
  readonly steps: readonly Step[];
  readonly boundary: Boundary | undefined;
  readonly absorbed: readonly InboxEntry[];
} {
  const steps: Step[] = [];
  const reached = new Set<EntryId>();
  let boundary: Boundary | undefined;
  for (const { id, seq, acceptedAtMs, inbound } of entries) {
    if (inbound.kind === "commanded" || inbound.kind === "stopped") {
      boundary = { id, inbound };
      break;
    }
    if (inbound.kind === "reasked" || inbound.kind === "delegated" || inbound.kind === "unplaced") break;
    reached.add(id);
    if (inbound.kind !== "erased" && !absorbed.has(id)) steps.push({ id, seq, acceptedAtMs, inbound });
  }
  const gone = entries.filter(({ id }) => reached.has(absorbed.get(id) ?? ""));
  return { steps, boundary, absorbed: gone };
}

function remembering(steps: readonly Step[], absorbed: readonly InboxEntry[]): Remembering {
  const changes: Change[] = [];
  const said: Message[] = [];
  for (const { inbound } of steps) {
    if (inbound.kind !== "said") changes.push(inbound);
    if (inbound.kind === "said" || isCalling(inbound)) said.push(messageOf(inbound));
  }
  const covers = [...steps, ...absorbed].toSorted((a, b) => a.seq - b.seq).map(({ id }) => id);
  return { covers, changes, said };
}

function messageOf(inbound: Said | Calling): Message {
  return inbound.kind === "said" ? inbound.message : inbound.call.message;
}

/** The last of what is for the bot. */
interface ForBot {
  readonly fresh: Pick<AnswerPlan, "question" | "askedAtMs" | "questions"> | undefined;
  readonly late: Pick<LatePlan, "question" | "absence"> | undefined;
}

/** While one person and the bot are talking, what names nobody is for the bot; from the second person on it isn't. Apps count as nobody. */
function forBot(steps: readonly Step[], speakers: ReadonlySet<string>, answerWithinMs: number): ForBot {
  const known = new Set(speakers);
  let fresh: ForBot["fresh"];
  let late: ForBot["late"];
  for (const { acceptedAtMs, inbound } of steps) {
    if (inbound.kind !== "said" && !isCalling(inbound)) continue;
    const question = inbound.kind === "said" ? inbound : inbound.call;
    const { author } = question.message;
    if (author.isApp !== true) known.add(author.id);
    if (!isForBot(question, known.size)) continue;
    const { missed, message } = question;
    if (missed !== undefined && isLate(question, acceptedAtMs, answerWithinMs)) {
      late = { question, absence: joined(late?.absence, missed) };
    } else {
      const questions = [...(fresh?.questions ?? []), message.id];
      fresh = { question, questions, askedAtMs: missed === undefined ? acceptedAtMs : message.saidAtMs };
    }
  }
  return { fresh, late };
}

function joined(one: Absence | undefined, other: Absence): Absence {
  if (one === undefined) return other;
  return { fromMs: Math.min(one.fromMs, other.fromMs), toMs: Math.max(one.toMs, other.toMs) };
}

function isForBot({ addressing, message, mayCall }: Said, speakerCount: number): boolean {
  if (message.author.isApp === true && mayCall !== true) return false;
  switch (addressing) {
    case "mention":
    case "direct":
    case "reply":
      return true;
    case "open":
      return speakerCount === 1;
    case "others":
      return false;
  }
}
