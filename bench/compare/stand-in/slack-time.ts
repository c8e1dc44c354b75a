let lastMicros = 0;

/** A new timestamp, unique and increasing, as Slack's are within a channel. */
export function nextTs(): string {
  lastMicros = Math.max(lastMicros + 1, Date.now() * 1_000);
  const seconds = Math.floor(lastMicros / 1_000_000);
  return `${seconds}.${String(lastMicros % 1_000_000).padStart(6, "0")}`;
}
