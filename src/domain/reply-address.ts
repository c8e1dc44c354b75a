/**
 * Where to answer, as plain data: it is stored with the inbox entry, so that any process can answer later.
 * Never logged. Removed with the entry when its turn finishes.
 */
export interface ReplyAddress {
  /** The name of the platform that understands `target`. */
  readonly platform: string;
  /**
   * The installation of the platform's app that answers: a Slack workspace or organisation. Missing: the one whose token the
   * environment sets.
   */
  readonly installation?: string;
  /** Fields that only the platform reads. May hold tokens. */
  readonly target: Readonly<Record<string, string>>;
  /** When the private way back (response_url, interaction token) expires. Missing: it does not, or there is none. */
  readonly expiresAtMs?: number;
}
