/** Work that only one replica does at a time. A lock saves cost; it does not order writes, which leases do. */
export interface Locks {
  /**
   * Holds the lock until it is disposed, for as long as this process lives; undefined while another one holds it.
   * The lock of a process that dies ends by itself within half a minute. @throws {StoreError}
   */
  readonly tryLock: (name: string, signal: AbortSignal) => Promise<AsyncDisposable | undefined>;
}
