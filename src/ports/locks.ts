/** Locks for work that one replica at a time should do. They save cost; only leases order writes. */
export interface Locks {
  /**
   * Acquires a lock until it is disposed. Undefined while another holder has it. A dead process loses its locks within half a
   * minute. @throws {StoreError}
   */
  readonly tryLock: (name: string, signal: AbortSignal) => Promise<AsyncDisposable | undefined>;
}
