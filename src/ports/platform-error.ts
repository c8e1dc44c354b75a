/**
 * `unreachable`: no answer, or a 5xx; the call may have taken effect. `rate-limited`: it had no effect; see `retryAfterMs`.
 * `gone`: the place or post no longer exists. `forbidden`: the bot may not write there. `expired`: the private way back
 * has expired. `rejected`: the platform does not accept this content.
 */
export type PlatformErrorKind =
  | "unreachable"
  | "rate-limited"
  | "gone"
  | "forbidden"
  | "expired"
  | "rejected";

/**
 * Why the bot can't post in a place. `archived`: the channel is archived. `locked`: the thread is closed. `restricted`:
 * only certain people may post. `outside`: the bot is not a member. `permission`: the bot lacks a permission. `policy`: a
 * rule of the organisation forbids it. `filtered`: a word filter blocked the text. `direct`: the person accepts no DMs.
 * `full`: the thread, or the place for open threads, has no room. `slow-mode`: the place lets the bot post only after a pause.
 */
export type ClosedWhy =
  | "archived"
  | "locked"
  | "restricted"
  | "outside"
  | "permission"
  | "policy"
  | "filtered"
  | "direct"
  | "full"
  | "slow-mode";

/** A call to the platform failed. */
export class PlatformError extends Error {
  override readonly name = "PlatformError";
  readonly kind: PlatformErrorKind;
  /** How long the platform asks to wait. 0: it does not say. */
  readonly retryAfterMs: number;
  /** Undefined: the place is open, or the reason is unknown. */
  readonly closed: ClosedWhy | undefined;
  /** The platform takes the files of a reply in no form, and said so to the operator. It may take the same text without them. */
  readonly refusesFiles: boolean;

  constructor(
    kind: PlatformErrorKind,
    message: string,
    options?: ErrorOptions & {
      readonly retryAfterMs?: number;
      readonly closed?: ClosedWhy | undefined;
      readonly refusesFiles?: true;
    },
  ) {
    super(message, options);
    this.kind = kind;
    this.closed = options?.closed;
    this.refusesFiles = options?.refusesFiles === true;
    this.retryAfterMs = options?.retryAfterMs ?? 0;
  }

  /** Whether a later attempt can succeed. */
  get isPassing(): boolean {
    return this.kind === "unreachable" || this.kind === "rate-limited";
  }
}
