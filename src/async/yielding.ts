const sliceMs = 10;

/**
 * Keeps long loops from blocking the event loop. Call the returned function between steps, and await what it returns: once
 * the steps since the last yield have taken 10 ms, a promise that yields. Undefined otherwise: then nothing has to be awaited.
 */
export function yielding(): () => Promise<void> | undefined {
  let startedAtMs = performance.now();
  const nextSlice = async (): Promise<void> => {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
    startedAtMs = performance.now();
  };
  return () => (performance.now() - startedAtMs < sliceMs ? undefined : nextSlice());
}
