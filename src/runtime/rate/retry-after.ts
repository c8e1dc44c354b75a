/** The wait (ms) of a Retry-After header with seconds or a date. Undefined without a readable value. */
export function retryAfterMs(header: string | null | undefined, nowMs: number): number | undefined {
  const text = (header ?? "").slice(0, 100).trim();
  if (text === "") return undefined;
  const seconds = Number(text);
  const ms = Number.isNaN(seconds) ? Date.parse(text) - nowMs : seconds * 1_000;
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
