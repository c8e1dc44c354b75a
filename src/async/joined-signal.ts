/**
 * A signal that fires with the first of some others, or when it is aborted. Disposing it lets go of the others. What
 * AbortSignal.any makes costs several times as much, and its sources know it until it is collected.
 */
export class JoinedSignal implements Disposable {
  readonly #joined = new AbortController();
  readonly #outer: readonly AbortSignal[];

  constructor(...outer: readonly AbortSignal[]) {
    this.#outer = outer;
    for (const each of outer) {
      each.addEventListener("abort", this, { once: true });
      if (each.aborted) this.abort(each.reason);
    }
  }

  get signal(): AbortSignal {
    return this.#joined.signal;
  }

  abort(reason: unknown): void {
    this.#joined.abort(reason);
  }

  /** Called for the others. */
  handleEvent({ target }: Event): void {
    if (target instanceof AbortSignal) this.abort(target.reason);
  }

  [Symbol.dispose](): void {
    for (const each of this.#outer) each.removeEventListener("abort", this);
  }
}
