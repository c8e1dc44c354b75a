/** The CPU time of this thread, in ms: other work of the machine is not in it. Some systems count it in steps of 4 or 10 ms. */
export async function cpuMs(run: () => unknown): Promise<number> {
  const before = process.threadCpuUsage();
  await run();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1_000;
}

/** The best of several runs: collecting garbage and compiling count against the others. */
export async function bestCpuMs(run: () => unknown, times: number): Promise<number> {
  let best = Infinity;
  for (let count = 0; count < times; count += 1) best = Math.min(best, await cpuMs(run));
  return best;
}
