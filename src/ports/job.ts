/** Background work on a schedule. Usually one replica runs it at a time; two runs at once must do no harm. */
export interface Job {
  /** Lower case, one word. */
  readonly name: string;
  /** The pause between the end of a run and the start of the next. */
  readonly everyMs: number;
  /** An error is logged, and the job runs again at the next time. */
  readonly run: (signal: AbortSignal) => Promise<void>;
}
