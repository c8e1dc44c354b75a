interface Pending {
  readonly promise: Promise<unknown>;
  readonly resolve: (value: never) => void;
  readonly reject: (reason: unknown) => void;
}

/** Calls that wait for an answer, by number. Answers to unknown numbers are ignored. */
export class PendingCalls {
  readonly #pending = new Map<number, Pending>();
  #last = 0;

  begin<T>(): { readonly id: number; readonly answer: Promise<T> } {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const id = (this.#last += 1);
    this.#pending.set(id, { promise, resolve, reject });
    return { id, answer: promise };
  }

  resolve(id: number, value: never): void {
    this.#remove(id)?.resolve(value);
  }

  reject(id: number, reason: unknown): void {
    this.#remove(id)?.reject(reason);
  }

  rejectAll(reason: unknown): void {
    for (const id of this.#pending.keys()) this.reject(id, reason);
  }

  /** Resolves when all current calls are answered. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#pending.values()].map(({ promise }) => promise));
  }

  #remove(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    return pending;
  }
}
