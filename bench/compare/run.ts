/** The figures of one measured run of one contestant. */
export interface Run {
  readonly messagesPerS: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** The median time to the first words of an answer. */
  readonly firstTextMs: number;
  /** Of the contestant's processes. */
  readonly cpuSPer1000: number;
  readonly loopDelayP99Ms: number;
  readonly loopDelayMaxMs: number;
  /** Per message, as all that begin with `redis`. Zeros without Redis. */
  readonly redisCommands: number;
  readonly redisReads: number;
  readonly redisBytes: number;
  readonly redisCpuMs: number;
  readonly slackCalls: number;
  readonly modelCalls: number;
  /** Of the thread, with the question. */
  readonly promptMessages: number;
  readonly promptBytes: number;
  readonly lost: number;
  readonly doubled: number;
  readonly redelivered: number;
  /** The share of one core that the stand-in used: near 1 it is what limits the contestant. */
  readonly standInBusy: number;
}

/** A contestant at one number of conversations and one delay of the model. */
export interface Result {
  readonly name: string;
  readonly title: string;
  readonly conversations: number;
  readonly modelDelayMs: number;
  readonly warmUpMessages: number;
  /** Before each run, not counted. */
  readonly leadInMessages: number;
  readonly messages: number;
  /** See Talk. */
  readonly threadTurns: number;
  readonly runs: readonly Run[];
  /** After garbage collection, of all processes together. */
  readonly rssMiB: number;
  readonly heapMiB: number;
  readonly peakMiB: number;
  /** Of its Redis commands, those that scripts call. */
  readonly shareInScripts: number;
}
