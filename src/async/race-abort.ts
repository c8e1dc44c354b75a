/**
 * Waits for work that may ignore the signal, until the signal fires. The work itself continues.
 * @throws its own error, or the signal's reason.
 */
export async function raceAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: fired, reject } = Promise.withResolvers<never>();
  const fire = (): void => reject(signal.reason);
  signal.addEventListener("abort", fire, { once: true });
  if (signal.aborted) fire();
  try {
    return await Promise.race([work, fired]);
  } finally {
    signal.removeEventListener("abort", fire);
    work.catch(() => undefined);
  }
}
