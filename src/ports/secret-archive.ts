/** Our secrets that have to outlive the hot store. */
export interface SecretArchive {
  /** The secret of that name, as it was first kept. Where there is none, it is `made` from now on. @throws {ArchiveError} */
  readonly keepSecret: (name: string, made: string, signal: AbortSignal) => Promise<string>;
}
