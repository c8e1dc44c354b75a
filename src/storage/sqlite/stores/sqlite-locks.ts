import type { Locks } from "../../../ports/locks.ts";

/** Locks in-process: one process alone works in a data folder. */
export class SqliteLocks implements Locks {
  readonly #held = new Set<string>();

  readonly tryLock = async (name: string): Promise<AsyncDisposable | undefined> => {
    if (this.#held.has(name)) return undefined;
    this.#held.add(name);
    return { [Symbol.asyncDispose]: async () => void this.#held.delete(name) };
  };
}
