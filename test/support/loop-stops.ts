function workedMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

/** What something cost: milliseconds by the clock, and of this thread's work. */
export interface Stops {
  readonly tookMs: number;
  readonly workedMs: number;
  /** The longest time in which nothing else had its turn. */
  readonly longestMs: number;
  /** The most work in such a time: what the machine does beside it is not in it. */
  readonly longestWorkedMs: number;
}

/** Does something, and measures how long it holds up everything else. */
export async function stopsOf(run: () => Promise<unknown>): Promise<Stops> {
  let longest = { ms: 0, worked: 0 };
  let last = { ms: performance.now(), worked: workedMs() };
  let isOver = false;
  const look = (): void => {
    const now = { ms: performance.now(), worked: workedMs() };
    longest = {
      ms: Math.max(longest.ms, now.ms - last.ms),
      worked: Math.max(longest.worked, now.worked - last.worked),
    };
    last = now;
    if (!isOver) setImmediate(look);
  };
  setImmediate(look);
  const started = last;
  await run();
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  look();
  isOver = true;
  return {
    tookMs: last.ms - started.ms,
    workedMs: last.worked - started.worked,
    longestMs: longest.ms,
    longestWorkedMs: longest.worked,
  };
}
