const epochMs = 1_420_070_400_000n;

/** Ids as Discord makes them: the time in front, never the same twice, always growing. */
export class Snowflakes {
  #last = 0n;

  next(): string {
    const now = (BigInt(Date.now()) - epochMs) << 22n;
    this.#last = now > this.#last ? now : this.#last + 1n;
    return String(this.#last);
  }
}

export function isAfter(id: string, other: string): boolean {
  return BigInt(id) > BigInt(other);
}
