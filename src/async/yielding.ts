const sliceMs = 10;
/** One for all, because most steps are not the last of their slice. */
const atOnce = Promise.resolve();

/**
 * Keeps long loops from blocking the event loop. Await the returned function between steps: it yields once the steps
 * since the last yield have taken 10 ms, and returns at once otherwise.
 */
export function yielding(): () => Promise<void> {
  let startedAtMs = performance.now();
  const nextSlice = async (): Promise<void> => {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
    startedAtMs = performance.now();
  };
  return () => (performance.now() - startedAtMs < sliceMs ? atOnce : nextSlice());
}
