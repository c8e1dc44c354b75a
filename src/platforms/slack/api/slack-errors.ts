import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError } from "@slack/web-api";

import { PlatformError, type ClosedWhy, type PlatformErrorKind } from "../../../ports/platform-error.ts";
import { retryAfterMs } from "../../../runtime/rate/retry-after.ts";

/**
 * Slack's error codes; https://docs.slack.dev/reference/methods lists them by method. Codes in `closings` are
 * `forbidden`, all others `rejected`.
 */
const kinds: ReadonlyMap<string, PlatformErrorKind> = new Map([
  ...each("gone", ["channel_not_found", "is_archived", "message_not_found", "thread_not_found"]),
  ...each("gone", ["user_not_found", "user_disabled", "file_not_found", "file_deleted"]),
  ...each("forbidden", ["user_not_in_channel", "cant_update_message", "cant_delete_message"]),
  ...each("forbidden", ["edit_window_closed", "cannot_reply_to_message"]),
  ...each("rate-limited", ["ratelimited", "rate_limited", "message_limit_exceeded"]),
  ...each("unreachable", ["internal_error", "fatal_error", "service_unavailable", "request_timeout"]),
  // The workspace is moving into an organisation.
  ...each("unreachable", ["org_login_required", "team_added_to_org"]),
]);

/** Why we may not post in a place. Codes that begin with `restricted_action` are `restricted` too. */
const closings: ReadonlyMap<string, ClosedWhy> = new Map([
  ...each("archived", ["is_archived"]),
  ...each("locked", ["restricted_action_thread_locked", "thread_locked"]),
  ...each("outside", ["not_in_channel", "channel_not_found", "channel_is_limited_access"]),
  ...each("permission", ["no_permission", "missing_scope", "messages_tab_disabled"]),
  ...each("policy", ["ekm_access_denied", "access_denied", "team_access_not_granted"]),
  ...each("direct", ["cannot_dm_bot", "user_disabled"]),
]);
const restricted = "restricted_action";

/** Slack rejects the blocks or the length of a message, not its content. */
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

/** Slack rejects the token itself. */
const tokenRefusals: ReadonlySet<string> = new Set([
  "not_authed",
  "not_allowed_token_type",
  "invalid_auth",
  "account_inactive",
  "token_revoked",
  "token_expired",
  "user_removed_from_team",
  "team_disabled",
]);

const minPauseMs = 1_000;
/** `message_limit_exceeded`: Slack does not say how long a free workspace has to wait. */
const workspacePauseMs = 30_000;
/** For a 429 without a readable Retry-After. */
const defaultPauseMs = 10_000;

/** Slack's error code from an answer `{ok: false, error}`. Undefined for everything else, also for answers without JSON. */
export function slackCodeOf(error: unknown): string | undefined {
  if (!(error instanceof WebAPIPlatformError)) return undefined;
  const code: unknown = error.data.error;
  return typeof code === "string" && /^[a-z_]{2,60}$/u.test(code) ? code : undefined;
}

/** Slack's error code in a failed call. Undefined: it has none. */
export function slackCodeIn(error: unknown): string | undefined {
  return error instanceof PlatformError ? slackCodeOf(error.cause) : undefined;
}

/** The error code, if Slack rejected the token. */
export function tokenRefusalIn(error: unknown): string | undefined {
  const code = slackCodeOf(error);
  return code !== undefined && tokenRefusals.has(code) ? code : undefined;
}

/** Whether the same text may be accepted in a simpler form. */
export function isFormRefusal(error: unknown): boolean {
  return formRefusals.has(slackCodeIn(error) ?? "");
}

/**
 * The types of blocks that Slack says it doesn't know: `[ERROR] unsupported type: markdown [json-pointer:/blocks/0/type]`. Empty
 * for other refusals.
 */
export function unknownBlocksIn(error: unknown): readonly string[] {
  return messagesIn(error).flatMap((message) => /unsupported type: (\w{1,40})/u.exec(message)?.[1] ?? []);
}

/** Whether Slack refused a second table in a message. */
export function refusesTables(error: unknown): boolean {
  const code = "only_one_table_allowed";
  const { cause } = error instanceof PlatformError ? error : {};
  return slackCodeOf(cause) === code || messagesIn(error).some((message) => message.includes(code));
}

/** What Slack says about the arguments of a call that it refused. */
function messagesIn(error: unknown): readonly string[] {
  const { cause } = error instanceof PlatformError ? error : {};
  const found = cause instanceof WebAPIPlatformError ? cause.data.response_metadata?.messages : undefined;
  return Array.isArray(found) ? found.filter((message) => typeof message === "string") : [];
}

/** Whether the workspace no longer allows edits of the post. */
export function isEditClosed(error: unknown): boolean {
  return slackCodeIn(error) === "edit_window_closed";
}

/** Whether the operator has to act. `not_allowed_token_type` concerns a single method, not the token. */
export function isPermanentRefusal(code: string): boolean {
  return code !== "not_allowed_token_type";
}

/** Converts any error of a Web API call. */
export function toPlatformError(cause: unknown): PlatformError {
  if (cause instanceof PlatformError) return cause;
  if (cause instanceof WebAPIRateLimitedError) {
    return new PlatformError("rate-limited", "Slack's rate limit is reached", {
      cause,
      retryAfterMs: Math.max(minPauseMs, cause.retryAfter * 1_000),
    });
  }
  if (cause instanceof WebAPIHTTPError) {
    if (cause.statusCode === 429) return unclearLimit(cause);
    const kind = cause.statusCode >= 500 ? "unreachable" : "rejected";
    return new PlatformError(kind, `Slack answered with HTTP status ${cause.statusCode}`, { cause });
  }
  const code = slackCodeOf(cause);
  if (code === undefined) return new PlatformError("unreachable", "Slack can't be reached", { cause });
  const kind = tokenRefusals.has(code) ? "unreachable" : kindOf(code);
  const pauseMs = code === "message_limit_exceeded" ? workspacePauseMs : minPauseMs;
  const pause = kind === "rate-limited" ? { retryAfterMs: pauseMs } : {};
  const closed = closings.get(code) ?? (code.startsWith(restricted) ? "restricted" : undefined);
  return new PlatformError(kind, `Slack refused: ${code}${scopeIn(cause)}`, { cause, closed, ...pause });
}

function kindOf(code: string): PlatformErrorKind {
  if (code.startsWith(restricted)) return "forbidden";
  return kinds.get(code) ?? (closings.has(code) ? "forbidden" : "rejected");
}

/** For a 429 whose Retry-After is not a number. */
function unclearLimit(cause: WebAPIHTTPError): PlatformError {
  const pauseMs = retryAfterMs(cause.headers["retry-after"], Date.now()) ?? defaultPauseMs;
  return new PlatformError("rate-limited", "Slack's rate limit is reached, without a readable Retry-After", {
    cause,
    retryAfterMs: Math.max(minPauseMs, pauseMs),
  });
}

/** The scope that the app lacks, for the operator's log. */
function scopeIn(error: unknown): string {
  if (!(error instanceof WebAPIPlatformError) || !("needed" in error.data)) return "";
  const { needed } = error.data;
  return typeof needed === "string" && /^[a-z:.,_]{2,100}$/u.test(needed) ? ` (it needs ${needed})` : "";
}

function each<const T>(meaning: T, codes: readonly string[]): readonly (readonly [string, T])[] {
  return codes.map((code) => [code, meaning] as const);
}
