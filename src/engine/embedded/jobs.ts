import type { Chore } from "../../ports/job.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";

interface ChorePorts {
  readonly clock: Clock;
  readonly log: Log;
}

/** Does each chore by a timer of its own, in this process. */
export class Chores implements AsyncDisposable {
  readonly #chores: readonly Chore[];
  readonly #ports: ChorePorts;
  readonly #closing = new AbortController();
  #loops: Promise<unknown> = Promise.resolve();

  constructor(chores: readonly Chore[], ports: ChorePorts) {
    this.#chores = chores;
    this.#ports = ports;
  }

  start(): void {
    this.#loops = Promise.all(this.#chores.map((chore) => this.#doForEver(chore, this.#closing.signal)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#loops;
  }

  async #doForEver(chore: Chore, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#ports;
    const report = reporterFor(chore.name, log);
    while (!signal.aborted) {
      await doOnce(chore, report, signal);
      await clock.sleep(chore.everyMs, signal).catch(() => undefined);
    }
  }
}

type Report = (error: unknown) => void;

/** An outage is reported when it begins and when it ends, not at every try. */
export function reporterFor(name: string, log: Log): Report {
  let isFailing = false;
  return (error) => {
    if (error !== undefined && !isFailing)
      log.error({ err: error, chore: name }, "a chore fails; it is tried again");
    if (error === undefined && isFailing) log.info({ chore: name }, "a chore works again");
    isFailing = error !== undefined;
  };
}

export async function doOnce(chore: Chore, report: Report, signal: AbortSignal): Promise<void> {
  try {
    await chore.run(signal);
    report(undefined);
  } catch (error) {
    if (!signal.aborted) report(error ?? new Error("a chore failed"));
  }
}
