/** A place whose platform id changed. Both ids have the platform's own form. */
export interface Renaming {
  readonly before: string;
  readonly after: string;
}

/**
 * Places with changed ids. Their conversations keep the key with the first id. `platform`: its name, or
 * `<name>/<installation>` for a stored installation.
 */
export interface Renamings {
  /** Idempotent. @throws {StoreError} */
  readonly add: (platform: string, renaming: Renaming, signal: AbortSignal) => Promise<void>;
  /** The newest 10,000, in the order in which they were added. @throws {StoreError} */
  readonly all: (platform: string, signal: AbortSignal) => Promise<readonly Renaming[]>;
}

/** How many renamings a store returns per platform. */
export const maxRenamings = 10_000;
