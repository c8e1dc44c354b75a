/** Secrets of the bot that must outlive the hot store. */
export interface SecretArchive {
  /** Returns the stored secret of this name; if there is none, stores and returns `made`. @throws {ArchiveError} */
  readonly keepSecret: (name: string, made: string, signal: AbortSignal) => Promise<string>;
}
