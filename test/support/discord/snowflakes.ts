const epochMs = 1_420_070_400_000n;

/** Ids as Discord makes them: the time in front, never the same twice, always growing. */
export class Snowflakes {
  #last = 0n;
  /** How far Discord's clock is ahead: for what happens long after what was before. */
  aheadMs = 0;

  next(): string {
    const now = (BigInt(Date.now() + this.aheadMs) - epochMs) << 22n;
    this.#last = now > this.#last ? now : this.#last + 1n;
    return String(this.#last);
  }
}

export function isAfter(id: string, other: string): boolean {
  return BigInt(id) > BigInt(other);
}
