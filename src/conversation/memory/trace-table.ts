/** Marks a trace that was removed. */
const never = Infinity;

/**
 * Maps traces to the ordinal that they count from. An open-addressing hash table of 16 bytes per slot, because a window
 * has hundreds of thousands of traces. Doubles when half full.
 */
export class TraceTable {
  #ones = new Int32Array(256);
  #twos = new Int32Array(256);
  /** 0: the slot is free. */
  #since = new Float64Array(256);
  #used = 0;

  /** Adds a trace. Of two numbers the smaller stays. `since`: above 0. */
  put(one: number, two: number, since: number): void {
    if (this.#used * 2 >= this.#since.length) this.#grow();
    const slot = this.#slotOf(one, two);
    const before = this.#since[slot] ?? 0;
    if (before === 0) this.#used += 1;
    this.#ones[slot] = one;
    this.#twos[slot] = two;
    this.#since[slot] = before === 0 ? since : Math.min(before, since);
  }

  /** The trace's number. Infinity if absent or dropped. */
  sinceOf(one: number, two: number): number {
    return this.#since[this.#slotOf(one, two)] || never;
  }

  drop(one: number, two: number): void {
    const slot = this.#slotOf(one, two);
    if (this.#since[slot] !== 0) this.#since[slot] = never;
  }

  #slotOf(one: number, two: number): number {
    const mask = this.#since.length - 1;
    let slot = one & mask;
    while (this.#since[slot] !== 0 && (this.#ones[slot] !== one || this.#twos[slot] !== two))
      slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const [ones, twos, since] = [this.#ones, this.#twos, this.#since];
    this.#ones = new Int32Array(since.length * 2);
    this.#twos = new Int32Array(since.length * 2);
    this.#since = new Float64Array(since.length * 2);
    // Indexed loop: iterators are measurably slower here.
    for (let index = 0; index < since.length; index += 1) {
      const from = since[index] ?? 0;
      if (from === 0) continue;
      const [one, two] = [ones[index] ?? 0, twos[index] ?? 0];
      const slot = this.#slotOf(one, two);
      this.#ones[slot] = one;
      this.#twos[slot] = two;
      this.#since[slot] = from;
    }
  }
}
