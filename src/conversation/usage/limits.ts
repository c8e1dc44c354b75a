import type { SpendingLimit } from "../../domain/spending-limits.ts";

/** The call would exceed a daily limit, so it was not made. */
export class LimitError extends Error {
  override readonly name = "LimitError";
  readonly limit: SpendingLimit;

  constructor(limit: SpendingLimit) {
    super(`Daily limit reached: ${limit}`);
    this.limit = limit;
  }
}

/** The person already has as many concurrent answers as allowed. The turn can run later. */
export class TooManyAtOnceError extends Error {
  override readonly name = "TooManyAtOnceError";
}
