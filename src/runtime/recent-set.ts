/** Remembers so many of the things that were added last. */
export class RecentSet {
  readonly #most: number;
  readonly #known = new Set<string>();

  constructor(most: number) {
    this.#most = most;
  }

  has(thing: string): boolean {
    return this.#known.has(thing);
  }

  delete(thing: string): void {
    this.#known.delete(thing);
  }

  add(thing: string): void {
    this.#known.delete(thing);
    this.#known.add(thing);
    const [oldest] = this.#known;
    if (this.#known.size > this.#most && oldest !== undefined) this.#known.delete(oldest);
  }
}
