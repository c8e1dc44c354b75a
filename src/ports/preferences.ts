import type { Preferences } from "../domain/preferences.ts";

/**
 * How people want to be answered, by platform and Author's id. An Author's id names the installation where ids are not
 * unique over all of them, so nothing is shared between workspaces.
 */
export interface PreferenceStore {
  /** The defaults for what a person has not chosen, or was stored by a version with other choices. @throws {StoreError} */
  readonly find: (platform: string, person: string, signal: AbortSignal) => Promise<Preferences>;
  /** Sets what `change` has, and leaves the rest. @throws {StoreError} */
  readonly change: (
    platform: string,
    person: string,
    change: PreferenceChange,
    signal: AbortSignal,
  ) => Promise<void>;
  /** Erases them, unless one was changed at `beforeMs` or later. Idempotent. @throws {StoreError} */
  readonly drop: (platform: string, person: string, beforeMs: number, signal: AbortSignal) => Promise<void>;
}

/** What a person has chosen, and when. */
export interface PreferenceChange extends Partial<Preferences> {
  readonly atMs: number;
}
