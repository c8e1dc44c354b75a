const discordEpochMs = 1_420_070_400_000n;

/** When Discord made this id, by its own clock. */
export function madeAtMs(snowflake: string): number {
  return Number((BigInt(snowflake) >> 22n) + discordEpochMs);
}

/** The older id first; ids of one time are in Discord's order. */
export function byAge(a: { readonly id: string }, b: { readonly id: string }): number {
  const [first, second] = [BigInt(a.id), BigInt(b.id)];
  if (first === second) return 0;
  return first < second ? -1 : 1;
}
