import type { Job } from "../../ports/job.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";

interface JobPorts {
  readonly clock: Clock;
  readonly log: Log;
}

/** Runs each job on its own timer, in this process. */
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
    this.#loops = Promise.all(this.#jobs.map((job) => this.#runRepeatedly(job, this.#closing.signal)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#loops;
  }

  async #runRepeatedly(job: Job, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#ports;
    const report = outageReporter(job.name, log);
    while (!signal.aborted) {
      await runJobOnce(job, report, signal);
      await clock.sleep(job.everyMs, signal).catch(() => undefined);
    }
  }
}

export type Report = (error: unknown) => void;

/** Logs when a job starts to fail and when it works again, not each failure. */
export function outageReporter(name: string, log: Log): Report {
  let isFailing = false;
  return (error) => {
    if (error !== undefined && !isFailing)
      log.error({ err: error, job: name }, "a job fails and is retried; see the error");
    if (error === undefined && isFailing) log.info({ job: name }, "a job works again");
    isFailing = error !== undefined;
  };
}

export async function runJobOnce(job: Job, report: Report, signal: AbortSignal): Promise<void> {
  try {
    await job.run(signal);
    report(undefined);
  } catch (error) {
    if (!signal.aborted) report(error ?? new Error("a job failed"));
  }
}
