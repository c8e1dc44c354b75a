/** The processes that run turns on the same stores. A process that has said nothing for eight seconds counts as dead. */
export interface Workers {
  /**
   * Says that this process is alive: from now on its claims are respected (see Journal.claim). Resolves to whether other
   * processes have died since the last call of any process. If no other process is connected to the stores, those that have
   * said nothing for `silenceMs` count as dead already; missing: only after eight seconds. @throws {StoreError}
   */
  readonly beat: (worker: string, signal: AbortSignal, silenceMs?: number) => Promise<boolean>;
  /** Says that this process ends: what it left can be claimed at once. @throws {StoreError} */
  readonly leave: (worker: string, signal: AbortSignal) => Promise<void>;
}
