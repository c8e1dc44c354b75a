/** CPU time of this thread in ms, excluding other work of the machine. Some systems count in steps of 4 or 10 ms. */
export async function cpuMs(run: () => unknown): Promise<number> {
  const before = process.threadCpuUsage();
  await run();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1_000;
}

/** The best of several runs, to exclude garbage collection and compilation. */
export async function bestCpuMs(run: () => unknown, times: number): Promise<number> {
  let best = Infinity;
  for (let count = 0; count < times; count += 1) best = Math.min(best, await cpuMs(run));
  return best;
}
