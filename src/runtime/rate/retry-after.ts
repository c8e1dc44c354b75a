/**
 * What a Retry-After header asks for, in ms: seconds, or a date. Undefined where it says nothing that can be understood.
 */
export function retryAfterMs(header: string | null | undefined, nowMs: number): number | undefined {
  const text = (header ?? "").slice(0, 100).trim();
  if (text === "") return undefined;
  const seconds = Number(text);
  const ms = Number.isNaN(seconds) ? Date.parse(text) - nowMs : seconds * 1_000;
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
