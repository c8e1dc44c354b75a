import type { Job } from "../../ports/job.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";

interface JobPorts {
  readonly clock: Clock;
  readonly log: Log;
}

/** Does each chore by a timer of its own, in this process. */
export class Jobs implements AsyncDisposable {
  readonly #jobs: readonly Job[];
  readonly #ports: JobPorts;
  readonly #closing = new AbortController();
  #loops: Promise<unknown> = Promise.resolve();

  constructor(jobs: readonly Job[], ports: JobPorts) {
    this.#jobs = jobs;
    this.#ports = ports;
  }

  start(): void {
    this.#loops = Promise.all(this.#jobs.map((job) => this.#doForEver(job, this.#closing.signal)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#loops;
  }

  async #doForEver(job: Job, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#ports;
    const report = outageReporter(job.name, log);
    while (!signal.aborted) {
      await runJobOnce(job, report, signal);
      await clock.sleep(job.everyMs, signal).catch(() => undefined);
    }
  }
}

type Report = (error: unknown) => void;

/** An outage is reported when it begins and when it ends, not at every try. */
export function outageReporter(name: string, log: Log): Report {
  let isFailing = false;
  return (error) => {
    if (error !== undefined && !isFailing)
      log.error({ err: error, chore: name }, "a chore fails; it is tried again");
    if (error === undefined && isFailing) log.info({ chore: name }, "a chore works again");
    isFailing = error !== undefined;
  };
}

export async function runJobOnce(job: Job, report: Report, signal: AbortSignal): Promise<void> {
  try {
    await job.run(signal);
    report(undefined);
  } catch (error) {
    if (!signal.aborted) report(error ?? new Error("a chore failed"));
  }
}
