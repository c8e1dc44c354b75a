import type { Installation } from "../domain/installation.ts";

/** A stored installation, without its token. */
export interface InstallationEntry {
  readonly id: string;
  /** Whether one of our keys opens it. */
  readonly isReadable: boolean;
}

/**
 * The stored installations, beside those whose tokens the environment sets. They are stored sealed with the keys of
 * `SECRET_KEY`.
 */
export interface Installations {
  /** Stores an installation in place of one with the same platform and id. @throws {StoreError} also without a key. */
  readonly put: (installation: Installation, signal: AbortSignal) => Promise<void>;
  /** Undefined: not installed. @throws {StoreError} also when none of our keys opens it. */
  readonly find: (platform: string, id: string, signal: AbortSignal) => Promise<Installation | undefined>;
  /** All of a platform, by their ids. @throws {StoreError} */
  readonly list: (platform: string, signal: AbortSignal) => Promise<readonly InstallationEntry[]>;
  /** False: there was none. @throws {StoreError} */
  readonly remove: (platform: string, id: string, signal: AbortSignal) => Promise<boolean>;
}
