import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError } from "@slack/web-api";

import { PlatformError, type ClosedWhy, type PlatformErrorKind } from "../../../ports/platform.ts";
import { retryAfterMs } from "../../../runtime/rate/retry-after.ts";

/** What Slack's codes mean to us; https://docs.slack.dev/reference/methods lists them by method. What closes a place is `forbidden`, the rest `rejected`. */
const kinds: ReadonlyMap<string, PlatformErrorKind> = new Map([
  ...each("gone", ["channel_not_found", "is_archived", "message_not_found", "thread_not_found"]),
  ...each("gone", ["user_not_found", "user_disabled"]),
  ...each("forbidden", ["user_not_in_channel", "cant_update_message", "cant_delete_message"]),
  ...each("forbidden", ["edit_window_closed", "cannot_reply_to_message"]),
  ...each("rate-limited", ["ratelimited", "rate_limited", "message_limit_exceeded"]),
  ...each("unreachable", ["internal_error", "fatal_error", "service_unavailable", "request_timeout"]),
  // A workspace moves into an organisation.
  ...each("unreachable", ["org_login_required", "team_added_to_org"]),
]);

/** Why a place is closed to us. All that begins with `restricted_action` is `restricted` beside these. */
const closings: ReadonlyMap<string, ClosedWhy> = new Map([
  ...each("archived", ["is_archived"]),
  ...each("locked", ["restricted_action_thread_locked", "thread_locked"]),
  ...each("outside", ["not_in_channel", "channel_not_found", "channel_is_limited_access"]),
  ...each("permission", ["no_permission", "missing_scope", "messages_tab_disabled"]),
  ...each("policy", ["ekm_access_denied", "access_denied", "team_access_not_granted"]),
  ...each("direct", ["cannot_dm_bot", "user_disabled"]),
]);
const restricted = "restricted_action";

/** The codes with which Slack refuses the form of a message, and not what it says. */
const formRefusals: ReadonlySet<string> = new Set([
  "invalid_blocks",
  "invalid_blocks_format",
  "invalid_attachments",
  "block_mismatch",
  "msg_blocks_too_long",
  "msg_blocks_too_many",
  "too_many_blocks",
  "only_one_table_allowed",
  "msg_too_long",
  "markdown_text_conflict",
  "no_text",
  "invalid_arguments",
]);

/** The codes with which Slack refuses a token as such. */
const refusals: ReadonlySet<string> = new Set([
  "not_authed",
  "not_allowed_token_type",
  "invalid_auth",
  "account_inactive",
  "token_revoked",
  "token_expired",
  "user_removed_from_team",
  "team_disabled",
]);

const shortestPauseMs = 1_000;
/** A free workspace has written too much: Slack does not say for how long it takes nothing more. */
const workspacePauseMs = 30_000;
/** Slack counts in minutes. */
const unclearPauseMs = 10_000;

/** Slack's own code, when Slack answered and said no. An answer that is no JSON is not an answer of Slack's. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof WebAPIPlatformError)) return undefined;
  const code: unknown = error.data.error;
  return typeof code === "string" && /^[a-z_]{2,60}$/u.test(code) ? code : undefined;
}

/** The code, when what Slack refused is the token. */
export function refusalIn(error: unknown): string | undefined {
  const code = codeOf(error);
  return code !== undefined && refusals.has(code) ? code : undefined;
}

/** Whether the same words may be taken in another form. */
export function isBlocksRefusal(error: unknown): boolean {
  return error instanceof PlatformError && formRefusals.has(codeOf(error.cause) ?? "");
}

/** Whether what was posted stands for ever: the workspace lets nobody edit after some time, or at all. */
export function isEditClosed(error: unknown): boolean {
  return error instanceof PlatformError && codeOf(error.cause) === "edit_window_closed";
}

/** Whether a person has to act; a single method may refuse a kind of token by itself. */
export function isFinal(refusal: string): boolean {
  return refusal !== "not_allowed_token_type";
}

/** Anything that a call of the Web API ends with, as our port says it. */
export function asPlatformError(cause: unknown): PlatformError {
  if (cause instanceof PlatformError) return cause;
  if (cause instanceof WebAPIRateLimitedError) {
    return new PlatformError("rate-limited", "Slack asks to slow down", {
      cause,
      retryAfterMs: Math.max(shortestPauseMs, cause.retryAfter * 1_000),
    });
  }
  const asked = unclearPauseIn(cause);
  if (asked !== undefined) {
    return new PlatformError("rate-limited", "Slack asks to slow down, and does not say for how long", {
      retryAfterMs: asked,
    });
  }
  if (cause instanceof WebAPIHTTPError) {
    const kind = cause.statusCode >= 500 ? "unreachable" : "rejected";
    return new PlatformError(kind, `Slack answered with HTTP status ${cause.statusCode}`, { cause });
  }
  const code = codeOf(cause);
  if (code === undefined) return new PlatformError("unreachable", "Slack can't be reached", { cause });
  const kind = refusals.has(code) ? "unreachable" : kindOf(code);
  const pauseMs = code === "message_limit_exceeded" ? workspacePauseMs : shortestPauseMs;
  const pause = kind === "rate-limited" ? { retryAfterMs: pauseMs } : {};
  const closed = closings.get(code) ?? (code.startsWith(restricted) ? "restricted" : undefined);
  return new PlatformError(kind, `Slack refused: ${code}${scopeIn(cause)}`, { cause, closed, ...pause });
}

function kindOf(code: string): PlatformErrorKind {
  if (code.startsWith(restricted)) return "forbidden";
  return kinds.get(code) ?? (closings.has(code) ? "forbidden" : "rejected");
}

/** A 429 whose Retry-After is no number is a bare Error to the client, which quotes the header. */
function unclearPauseIn(error: unknown): number | undefined {
  const message = error instanceof Error ? error.message : "";
  if (!message.startsWith("Retry header did not contain a valid timeout")) return undefined;
  const [, header] = /retry-after header: ([^)]{0,100})/u.exec(message) ?? [];
  return Math.max(shortestPauseMs, retryAfterMs(header, Date.now()) ?? unclearPauseMs);
}

/** Which scope an app lacks, for the operator. */
function scopeIn(error: unknown): string {
  if (!(error instanceof WebAPIPlatformError) || !("needed" in error.data)) return "";
  const { needed } = error.data;
  return typeof needed === "string" && /^[a-z:.,_]{2,100}$/u.test(needed) ? ` (it needs ${needed})` : "";
}

function each<const T>(meaning: T, codes: readonly string[]): readonly (readonly [string, T])[] {
  return codes.map((code) => [code, meaning] as const);
}
