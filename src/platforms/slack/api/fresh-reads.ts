interface Reading {
  isOvertaken: boolean;
}

/** Of one value, while it changes again and again. */
const maxReads = 3;

/** Reads of values that may change while they are read: what a change has overtaken is read again, and not cached. */
export class FreshReads {
  readonly #running = new Map<string, Set<Reading>>();

  /** `cache` gets the answer unless it is old. After three reads an old answer is returned. @throws what `read` throws. */
  async read<T>(key: string, read: () => Promise<T>, cache: (answer: T) => void): Promise<T> {
    for (let left = maxReads; ; left -= 1) {
      const reading = this.#begin(key);
      try {
        const answer = await read();
        if (!reading.isOvertaken) cache(answer);
        if (!reading.isOvertaken || left === 1) return answer;
      } finally {
        this.#end(key, reading);
      }
    }
  }

  /** Answers to reads that are under way are old. */
  overtake(key: string): void {
    for (const reading of this.#running.get(key) ?? []) reading.isOvertaken = true;
  }

  #begin(key: string): Reading {
    const reading = { isOvertaken: false };
    const running = this.#running.get(key) ?? new Set();
    this.#running.set(key, running.add(reading));
    return reading;
  }

  #end(key: string, reading: Reading): void {
    const running = this.#running.get(key);
    running?.delete(reading);
    if (running?.size === 0) this.#running.delete(key);
  }
}
