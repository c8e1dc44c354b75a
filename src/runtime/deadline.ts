/**
 * Waits for `work` until `ms` have passed or the signal fires, for libraries without signals. The work itself continues.
 * @throws its own error, a TimeoutError, or the signal's reason.
 */
export async function withDeadline<T>(work: () => Promise<T>, ms: number, signal: AbortSignal): Promise<T> {
  const either = AbortSignal.any([signal, AbortSignal.timeout(ms)]);
  // Before the work begins: an unobserved rejection would end the process.
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
