import type { Locks } from "../../../ports/locks.ts";

/** In-process locks, since only one process uses a data folder. */
export class SqliteLocks implements Locks {
  readonly #held = new Set<string>();

  readonly tryLock = async (name: string): Promise<AsyncDisposable | undefined> => {
    if (this.#held.has(name)) return undefined;
    this.#held.add(name);
    return { [Symbol.asyncDispose]: async () => void this.#held.delete(name) };
  };
}
