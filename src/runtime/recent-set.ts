/** A set of the `max` entries that were added last. */
export class RecentSet {
  readonly #max: number;
  readonly #known = new Set<string>();

  constructor(max: number) {
    this.#max = max;
  }

  has(entry: string): boolean {
    return this.#known.has(entry);
  }

  delete(entry: string): void {
    this.#known.delete(entry);
  }

  add(entry: string): void {
    this.#known.delete(entry);
    this.#known.add(entry);
    const [oldest] = this.#known;
    if (this.#known.size > this.#max && oldest !== undefined) this.#known.delete(oldest);
  }
}
