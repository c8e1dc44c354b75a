/** Something that has to be done again and again. Two replicas may do it at once. */
export interface Job {
  /** Lower case, one word. */
  readonly name: string;
  /** Between the end of one run and the beginning of the next. */
  readonly everyMs: number;
  /** A fault is reported, and it is done again next time. */
  readonly run: (signal: AbortSignal) => Promise<void>;
}
