/** What is added to an asked wait at most. */
const spreadMs = 250;

/** How long to wait between the tries of a call. */
export interface RetryPace {
  /** The wait after the first try; it doubles with each further one. */
  readonly firstMs: number;
  readonly longestMs: number;
  /** How long the other side asks to wait, whatever `longestMs` is. Missing or 0: it does not say. */
  readonly askedForMs?: number;
}

/**
 * The wait in milliseconds after try number `tries`, which starts at 1. Spread out at random, because an outage makes many
 * callers wait for the same service.
 */
export function retryDelayMs(tries: number, { firstMs, longestMs, askedForMs = 0 }: RetryPace): number {
  const growingMs = Math.min(longestMs, firstMs * 2 ** (tries - 1));
  return Math.round(
    Math.max(growingMs * (0.5 + Math.random()), askedForMs === 0 ? 0 : askedForMs + Math.random() * spreadMs),
  );
}
