/**
 * Waits for `work`, but no longer than `ms`, and not after the signal fires: for libraries that take no signal.
 * The work goes on unobserved. @throws what comes first: its own error, a TimeoutError, or the signal's reason.
 */
export async function withDeadline<T>(work: () => Promise<T>, ms: number, signal: AbortSignal): Promise<T> {
  const either = AbortSignal.any([signal, AbortSignal.timeout(ms)]);
  // Before the work begins: what nobody waits for would fail with nobody listening, which ends the process.
  either.throwIfAborted();
  const { promise: fired, reject } = Promise.withResolvers<never>();
  const fire = (): void => reject(either.reason);
  either.addEventListener("abort", fire, { once: true });
  try {
    return await Promise.race([work(), fired]);
  } finally {
    either.removeEventListener("abort", fire);
  }
}
