import type { InboxEntry } from "../../domain/inbound.ts";
import type { Suspicion } from "../../domain/suspicion.ts";
import type { Lease } from "../../domain/turn.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Ids } from "../../ports/ids.ts";
import type { Journal, Claim } from "../../ports/journal.ts";
import type { Log } from "../../ports/log.ts";
import { SuspectQueue } from "./suspect-queue.ts";
import type { TurnPorts } from "./turn-ports.ts";

/** A single end of a process says nothing: operators, deployments and memory limits kill. */
const crashesOfASuspect = 2;
/** How long a process has to live without a suspect that it ended alone with, by how often that has happened. */
const trialPauseMs = [0, 2_000, 5_000, 10_000, 20_000] as const;
/** Alone so often, and only when it ran: it is what ends the processes. */
const maxAlone = trialPauseMs.length;

/** What to do with a conversation. `bury`: also giving it up ended the process. */
type Verdict = "go" | "one-at-a-time" | "give-up" | "bury";

/** A conversation that may be worked on now; dispose it when that is over. */
export interface Admission extends Disposable {
  readonly verdict: Verdict;
  /** As it is when the work is over without having ended the process. Missing: none. */
  readonly suspicion?: Suspicion;
}

interface Ports {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

const noQueue: Disposable = { [Symbol.dispose]: () => undefined };

/**
 * Finds out which conversation ends the processes that work on it. What was cut short once goes on like everything else;
 * what was cut short again stands in a line that lets in one suspect first. When a process ends with one alone, the next
 * one has to live for a while without it before the next trial. Whoever kills from outside kills during that while as well, and
 * then it counts for nothing: a conversation is given up only if processes live without it and end with it, five times.
 */
export class Suspects {
  /** This process, as the journal knows it. */
  readonly worker: string;
  readonly #ports: Ports;
  readonly #line: SuspectQueue;

  constructor(ports: Ports) {
    this.#ports = ports;
    this.worker = ports.ids.name();
    this.#line = new SuspectQueue(ports.clock);
  }

  /** What is suspected of a conversation as it was found. Undefined: nothing. */
  judge({ leftBy, suspicion: before }: Claim): Suspicion | undefined {
    const wasCut = leftBy !== undefined && leftBy !== this.worker;
    return wasCut ? addCrash(before) : withoutTrial(before);
  }

  /** Resolves when the conversation may be worked on. @throws {StaleLeaseError} */
  async admit(lease: Lease, suspicion: Suspicion | undefined, signal: AbortSignal): Promise<Admission> {
    const { journal, log } = this.#ports;
    if (suspicion === undefined) return { ...noQueue, verdict: "go" };
    const { worker } = this;
    await journal.mark(lease, { worker, suspicion }, signal);
    if (suspicion.cuts < crashesOfASuspect) return { ...noQueue, verdict: "go", suspicion };
    const place = await this.#line.enter(suspicion.alone, signal);
    try {
      log.warn({ ...suspicion }, "a conversation in whose midst processes ended goes on as the only suspect");
      const pauseMs = trialPauseMs[suspicion.alone] ?? 0;
      if (pauseMs > 0) {
        await journal.mark(lease, { worker, suspicion: { ...suspicion, isHeld: true } }, signal);
        await this.#ports.clock.sleep(pauseMs, signal);
      }
      if (place.isOnly)
        await journal.mark(lease, { worker, suspicion: { ...suspicion, isAlone: true } }, signal);
      return { ...place, verdict: verdictOn(suspicion), suspicion };
    } catch (error) {
      place[Symbol.dispose]();
      throw error;
    }
  }
}

/** The process that had it in hand is no more. */
function addCrash(before: Suspicion = { cuts: 0, alone: 0 }): Suspicion {
  const { cuts, alone, isAlone, isHeld } = before;
  // It ended without it: somebody else ends processes here.
  if (isHeld === true) return { cuts, alone: 0 };
  return { cuts: cuts + 1, alone: isAlone === true ? alone + 1 : alone };
}

function withoutTrial(suspicion: Suspicion | undefined): Suspicion | undefined {
  return suspicion && { cuts: suspicion.cuts, alone: suspicion.alone };
}

function verdictOn({ alone }: Suspicion): Verdict {
  if (alone > maxAlone) return "bury";
  if (alone === maxAlone) return "give-up";
  return alone > 0 ? "one-at-a-time" : "go";
}

/** Of a burst that ended a process, the next entry by itself, with what was edited or deleted of it since. */
export function firstEntryAlone(waiting: readonly InboxEntry[]): readonly InboxEntry[] {
  const [first, ...later] = waiting;
  if (first?.inbound.kind !== "said") return waiting.slice(0, 1);
  const { id } = first.inbound.message;
  const isAboutIt = ({ inbound }: InboxEntry): boolean =>
    (inbound.kind === "edited" || inbound.kind === "deleted") && inbound.message === id;
  return [first, ...later.filter(isAboutIt)];
}

/** The rest of such a burst stays under suspicion when one of its entries is done with: each has all its trials before it. */
export function keepSuspicion(ports: TurnPorts, { verdict, suspicion }: Admission): TurnPorts {
  if (verdict === "go" || suspicion === undefined) return ports;
  const { journal } = ports;
  const rest: Suspicion = { cuts: suspicion.cuts, alone: 1 };
  const finish: Journal["finish"] = (lease, leaves, signal) =>
    journal.finish(lease, { ...leaves, suspicion: rest }, signal);
  return { ...ports, journal: { ...journal, finish } };
}

/** Whatever ends the process now, it is not this conversation. @throws {StaleLeaseError} */
export async function releaseClaim(
  { journal }: Pick<TurnPorts, "journal">,
  lease: Lease,
  suspicion: Suspicion | undefined,
): Promise<void> {
  const mark = suspicion === undefined ? {} : { suspicion };
  await journal.mark(lease, mark, AbortSignal.timeout(5_000));
}
