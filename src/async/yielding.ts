const sliceMs = 10;

/**
 * Keeps long loops from blocking the event loop. Await the returned function between steps: it yields once the steps
 * since the last yield have taken 10 ms, and returns at once otherwise.
 */
export function yielding(): () => Promise<void> {
  let startedAtMs = performance.now();
  return async () => {
    if (performance.now() - startedAtMs < sliceMs) return;
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
    startedAtMs = performance.now();
  };
}
