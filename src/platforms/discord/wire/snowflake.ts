const discordEpochMs = 1_420_070_400_000n;

/** An id's creation time, by Discord's clock. https://discord.com/developers/docs/reference#snowflakes */
export function createdAtMs(snowflake: string): number {
  return Number((BigInt(snowflake) >> 22n) + discordEpochMs);
}

/** An id older than every id created from that time on. */
export function idBefore(ms: number): string {
  const sinceEpoch = BigInt(Math.max(0, Math.floor(ms))) - discordEpochMs;
  return sinceEpoch > 0n ? String((sinceEpoch << 22n) - 1n) : "0";
}

/** Sorts ids oldest first; ids of the same millisecond in Discord's order. */
export function byAge(a: { readonly id: string }, b: { readonly id: string }): number {
  const [first, second] = [BigInt(a.id), BigInt(b.id)];
  if (first === second) return 0;
  return first < second ? -1 : 1;
}

export function isOlder(id: string, than: string): boolean {
  return BigInt(id) < BigInt(than);
}
