import type { Suspicion } from "../../domain/suspicion.ts";
import type { Lease } from "../../domain/turn.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Ids } from "../../ports/ids.ts";
import type { Journal, Claim } from "../../ports/journal.ts";
import type { Log } from "../../ports/log.ts";
import { SuspectQueue } from "./suspect-queue.ts";
import type { TurnPorts } from "../planning/turn-ports.ts";

/** One crash proves nothing: operators, deployments and memory limits end processes too. */
const crashesOfASuspect = 2;
/** How long a process must survive before the next trial of a suspect, by the number of failed trials. */
const trialPauseMs = [0, 2_000, 5_000, 10_000, 20_000] as const;
/** After this many failed trials, the conversation is the cause. */
const maxAlone = trialPauseMs.length;

/** What to do with a conversation. `bury`: giving it up ended the process too, so drop it without an apology. */
type Verdict = "go" | "one-at-a-time" | "give-up" | "bury";

/** Permission to run a conversation's turn now. Dispose it after the turn. */
export interface Admission extends Disposable {
  readonly verdict: Verdict;
  /** The suspicion to store if the turn does not end the process. Missing: none. */
  readonly suspicion?: Suspicion;
}

interface Ports {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Missing: a new name. */
  readonly worker?: string;
  readonly log: Log;
}

const noQueue: Disposable = { [Symbol.dispose]: () => undefined };

/**
 * Finds the conversation that ends the processes that work on it. After one crash a conversation goes on as usual. After two
 * it queues, and one suspect runs at a time. If the process dies with it alone, the next process must first survive a pause
 * without it. An external cause also strikes during the pause, and then the trials start over. So a conversation is given
 * up only after processes survived without it and died with it, five times.
 */
export class Suspects {
  /** The name of this process in the journal. */
  readonly worker: string;
  readonly #ports: Ports;
  readonly #line: SuspectQueue;

  constructor(ports: Ports) {
    this.#ports = ports;
    this.worker = ports.worker ?? ports.ids.name();
    this.#line = new SuspectQueue(ports.clock);
  }

  /** The suspicion against a conversation at its claim. Undefined: none. */
  judge({ leftBy, suspicion: before }: Claim): Suspicion | undefined {
    const wasCut = leftBy !== undefined && leftBy !== this.worker;
    return wasCut ? addCrash(before) : withoutTrial(before);
  }

  /** Resolves when the turn may run. @throws {StaleLeaseError} */
  async admit(lease: Lease, suspicion: Suspicion | undefined, signal: AbortSignal): Promise<Admission> {
    const { journal, log } = this.#ports;
    if (suspicion === undefined) return { ...noQueue, verdict: "go" };
    const { worker } = this;
    await journal.mark(lease, { worker, suspicion }, signal);
    if (suspicion.cuts < crashesOfASuspect) return { ...noQueue, verdict: "go", suspicion };
    const place = await this.#line.enter(suspicion.alone, signal);
    try {
      log.warn({ ...suspicion }, "a turn runs alone: processes ended during this conversation before");
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

/** The last worker died. */
function addCrash(before: Suspicion = { cuts: 0, alone: 0 }): Suspicion {
  const { cuts, alone, isAlone, isHeld } = before;
  // The process died during the pause, so the cause is another one.
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

/** Keeps a suspicion when one entry of a burst is finished. The remaining entries start their trials again. */
export function keepSuspicion(ports: TurnPorts, { verdict, suspicion }: Admission): TurnPorts {
  if (verdict === "go" || suspicion === undefined) return ports;
  const { journal } = ports;
  const rest: Suspicion = { cuts: suspicion.cuts, alone: 1 };
  const finish: Journal["finish"] = (lease, leaves, signal) =>
    journal.finish(lease, { ...leaves, suspicion: rest }, signal);
  return { ...ports, journal: { ...journal, finish } };
}

/** Releases the claim: a later crash of this process does not count against the conversation. @throws {StaleLeaseError} */
export async function releaseClaim(
  { journal }: Pick<TurnPorts, "journal">,
  lease: Lease,
  suspicion: Suspicion | undefined,
): Promise<void> {
  const mark = suspicion === undefined ? {} : { suspicion };
  await journal.mark(lease, mark, AbortSignal.timeout(5_000));
}
