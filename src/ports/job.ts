/** Background work on a schedule. Two replicas may run it at the same time. */
export interface Job {
  /** Lower case, one word. */
  readonly name: string;
  /** The pause between the end of a run and the start of the next. */
  readonly everyMs: number;
  /** An error is logged, and the job runs again at the next time. */
  readonly run: (signal: AbortSignal) => Promise<void>;
}
