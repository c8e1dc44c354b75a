import type { Commanded, Deleted, Edited, InboxEntry, Said, Stopped } from "../domain/inbound.ts";
import type { Message } from "../domain/message.ts";

/** What a conversation does next. `covers` are the inbox entries that are done with when it is done. */
export type Plan =
  | { readonly kind: "idle" }
  | { readonly kind: "erase"; readonly covers: readonly number[] }
  | ListenPlan
  | AnswerPlan
  | StopPlan
  | CommandPlan;

/** Nobody asked the bot: remember, and say nothing. */
export interface ListenPlan extends Remembering {
  readonly kind: "listen";
}

export interface AnswerPlan extends Remembering {
  readonly kind: "answer";
  readonly question: Said;
}

/** The question stands, and the person stopped its answer: what was written so far is the answer. */
export interface StopPlan extends Remembering {
  readonly kind: "stop";
  readonly question: Said;
}

export interface CommandPlan extends Remembering {
  readonly kind: "command";
  readonly command: Commanded;
}

interface Remembering {
  readonly covers: readonly number[];
  /** To messages that are remembered already, in the order in which they were made. */
  readonly changes: readonly (Edited | Deleted)[];
  /** Oldest first, as they read now: edits made while they waited are applied. */
  readonly said: readonly Message[];
}

type Step = { readonly seq: number; readonly inbound: Said | Edited | Deleted };
type Boundary = { readonly seq: number; readonly inbound: Commanded | Stopped };

/**
 * Decides what a conversation does with what waits.
 * Edits and deletions of messages that still wait are applied to them first. Then a turn takes the unbroken run of
 * messages at the head up to the next command, and answers the last one that is for the bot. Stop and an interrupting
 * command take the run before them with them.
 */
export function planNext(
  waiting: readonly InboxEntry[],
  speakers: ReadonlySet<string>,
  interruptingCommands: ReadonlySet<string>,
): Plan {
  const erased = waiting.findLastIndex((entry) => entry.inbound.kind === "erased");
  if (erased >= 0) return { kind: "erase", covers: waiting.slice(0, erased + 1).map((entry) => entry.seq) };
  const { steps, boundary, absorbed } = takeRun(applyWaitingChanges(waiting));
  const run = remembering(steps, absorbed);
  const question = lastForBot(steps, speakers);
  if (boundary !== undefined) {
    const covers = [...run.covers, boundary.seq];
    if (boundary.inbound.kind === "stopped") {
      return question === undefined
        ? { ...run, kind: "listen", covers }
        : { ...run, kind: "stop", question, covers };
    }
    if (run.covers.length === 0 || interruptingCommands.has(boundary.inbound.name)) {
      return { ...run, kind: "command", command: boundary.inbound, covers };
    }
  }
  if (run.covers.length === 0) return { kind: "idle" };
  return question === undefined ? { ...run, kind: "listen" } : { ...run, kind: "answer", question };
}

interface Applied {
  readonly entries: readonly { readonly seq: number; readonly inbound: InboxEntry["inbound"] }[];
  /** The entries that need no step of their own any more, each with the entry that it went into. */
  readonly absorbed: ReadonlyMap<number, number>;
}

function applyWaitingChanges(waiting: readonly InboxEntry[]): Applied {
  const saidBySeq = new Map<number, Said>();
  const seqByMessage = new Map<string, number>();
  const absorbed = new Map<number, number>();
  for (const { seq, inbound } of waiting) {
    if (inbound.kind === "said") {
      saidBySeq.set(seq, inbound);
      seqByMessage.set(inbound.message.id, seq);
    } else if (inbound.kind === "edited" || inbound.kind === "deleted") {
      const target = seqByMessage.get(inbound.message);
      const said = target === undefined ? undefined : saidBySeq.get(target);
      if (target === undefined || said === undefined) continue;
      absorbed.set(seq, target);
      if (inbound.kind === "deleted") {
        saidBySeq.delete(target);
        absorbed.set(target, target);
      } else {
        saidBySeq.set(target, { ...said, message: { ...said.message, text: inbound.text } });
      }
    }
  }
  const entries = waiting.map(({ seq, inbound }) => ({ seq, inbound: saidBySeq.get(seq) ?? inbound }));
  return { entries, absorbed };
}

function takeRun({ entries, absorbed }: Applied): {
  readonly steps: readonly Step[];
  readonly boundary: Boundary | undefined;
  readonly absorbed: readonly number[];
} {
  const steps: Step[] = [];
  const reached = new Set<number>();
  let boundary: Boundary | undefined;
  for (const { seq, inbound } of entries) {
    if (inbound.kind === "commanded" || inbound.kind === "stopped") {
      boundary = { seq, inbound };
      break;
    }
    reached.add(seq);
    if (inbound.kind !== "erased" && !absorbed.has(seq)) steps.push({ seq, inbound });
  }
  const gone = [...absorbed].filter(([, into]) => reached.has(into)).map(([seq]) => seq);
  return { steps, boundary, absorbed: gone };
}

function remembering(steps: readonly Step[], absorbed: readonly number[]): Remembering {
  const changes: (Edited | Deleted)[] = [];
  const said: Message[] = [];
  for (const { inbound } of steps) {
    if (inbound.kind === "said") said.push(inbound.message);
    else changes.push(inbound);
  }
  const covers = [...steps.map((step) => step.seq), ...absorbed].toSorted((a, b) => a - b);
  return { covers, changes, said };
}

/** While one person and the bot are talking, what names nobody is for the bot; from the second person on it isn't. */
function lastForBot(steps: readonly Step[], speakers: ReadonlySet<string>): Said | undefined {
  const known = new Set(speakers);
  let last: Said | undefined;
  for (const { inbound } of steps) {
    if (inbound.kind !== "said") continue;
    known.add(inbound.message.author.id);
    if (isForBot(inbound, known.size)) last = inbound;
  }
  return last;
}

function isForBot({ addressing }: Said, speakerCount: number): boolean {
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
