const sliceMs = 10;

/**
 * For loops over a window, a conversation or an archive: the returned function is awaited between two steps, and lets
 * everything else in the process have its turn when the steps since then took long enough.
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
