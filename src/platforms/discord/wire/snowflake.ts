const discordEpochMs = 1_420_070_400_000n;

/** When Discord made this id, by its own clock. */
export function createdAtMs(snowflake: string): number {
  return Number((BigInt(snowflake) >> 22n) + discordEpochMs);
}

/** Older than every id that Discord made from that time on. */
export function idBefore(ms: number): string {
  const sinceEpoch = BigInt(Math.max(0, Math.floor(ms))) - discordEpochMs;
  return sinceEpoch > 0n ? String((sinceEpoch << 22n) - 1n) : "0";
}

/** The older id first; ids of one time are in Discord's order. */
export function byAge(a: { readonly id: string }, b: { readonly id: string }): number {
  const [first, second] = [BigInt(a.id), BigInt(b.id)];
  if (first === second) return 0;
  return first < second ? -1 : 1;
}

export function isOlder(id: string, than: string): boolean {
  return BigInt(id) < BigInt(than);
}
