/** A place that its platform calls otherwise now. Both are ids in the platform's own form. */
export interface Renaming {
  readonly before: string;
  readonly after: string;
}

/** The places that platforms have given other ids: what was kept under the first one goes on under it. */
export interface Renamings {
  /** Told again, it changes nothing. @throws {StoreError} */
  readonly add: (platform: string, renaming: Renaming, signal: AbortSignal) => Promise<void>;
  /** The newest 10,000, in the order in which they were first told. @throws {StoreError} */
  readonly all: (platform: string, signal: AbortSignal) => Promise<readonly Renaming[]>;
}

export const maxRenamings = 10_000;
