/**
 * Where to answer, as data: it is stored with the inbox entry, so that any process can answer later.
 * Never logged; erased with the entry when its turn finishes.
 */
export interface ReplyAddress {
  /** The name of the platform that understands `target`. */
  readonly platform: string;
  /** The platform's own fields; nobody else reads them. May hold tokens. */
  readonly target: Readonly<Record<string, string>>;
  /** After this moment the private way back (response_url, interaction token) is dead. */
  readonly expiresAtMs?: number;
}
