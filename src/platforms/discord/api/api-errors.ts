import { DiscordAPIError, HTTPError, RateLimitError } from "discord.js";

import { PlatformError, type ClosedWhy, type PlatformErrorKind } from "../../../ports/platform-error.ts";

// https://discord.com/developers/docs/topics/opcodes-and-status-codes#json
export const codes = {
  unknownChannel: 10_003,
  unknownGuild: 10_004,
  unknownMessage: 10_008,
  unknownWebhook: 10_015,
  unknownInteraction: 10_062,
  missingAccess: 50_001,
  emptyMessage: 50_006,
  cannotTellUser: 50_007,
  wrongKindOfChannel: 50_008,
  missingPermission: 50_013,
  invalidForm: 50_035,
  lockedThread: 160_005,
  tooManyThreads: 160_006,
  blockedByAutoMod: 200_000,
  blockedTitle: 200_001,
  blockedLink: 240_000,
  noMutualServer: 50_278,
  fullThread: 30_033,
  slowMode: 20_016,
  tooManyOldEdits: 30_046,
  alreadyAnswered: 40_060,
  tooManyFollowUps: 40_094,
  invalidWebhookToken: 50_027,
  archivedThread: 50_083,
  noReplyWithoutHistory: 160_002,
  threadExists: 160_004,
} as const;

const kindByCode = new Map<number, PlatformErrorKind>([
  [codes.unknownChannel, "gone"],
  [codes.unknownGuild, "gone"],
  [codes.unknownMessage, "gone"],
  [codes.unknownWebhook, "expired"],
  [codes.unknownInteraction, "expired"],
  [codes.tooManyFollowUps, "expired"],
  [codes.invalidWebhookToken, "expired"],
  [codes.slowMode, "rate-limited"],
  [codes.tooManyOldEdits, "rate-limited"],
  [codes.archivedThread, "forbidden"],
  [codes.lockedThread, "forbidden"],
  [codes.tooManyThreads, "forbidden"],
  [codes.fullThread, "forbidden"],
  [codes.wrongKindOfChannel, "forbidden"],
  [codes.cannotTellUser, "forbidden"],
  [codes.noMutualServer, "forbidden"],
  [codes.noReplyWithoutHistory, "forbidden"],
]);

const closedWhyByCode = new Map<number, ClosedWhy>([
  [codes.missingAccess, "outside"],
  [codes.missingPermission, "permission"],
  [codes.wrongKindOfChannel, "permission"],
  [codes.archivedThread, "locked"],
  [codes.lockedThread, "locked"],
  [codes.blockedByAutoMod, "filtered"],
  [codes.blockedTitle, "filtered"],
  [codes.blockedLink, "filtered"],
  [codes.cannotTellUser, "direct"],
  [codes.noMutualServer, "direct"],
  [codes.tooManyThreads, "full"],
  [codes.fullThread, "full"],
  [codes.slowMode, "slow-mode"],
]);

/** Used when Discord names no wait. */
const defaultWaitMs = 5_000;

/** The safe facts of a library's error. The library's own holds the request's text and, in its URL, tokens. */
class DiscordFault extends Error {
  override readonly name = "DiscordFault";
  readonly status: number;
  /** Discord's JSON error code; 0: it gave none. */
  readonly code: number;

  constructor(message: string, status = 0, code = 0) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** Discord's JSON error code behind a PlatformError; 0: there is none. */
export function codeOf(error: unknown): number {
  return error instanceof PlatformError && error.cause instanceof DiscordFault ? error.cause.code : 0;
}

/** True if Discord refused for good: a retry would be refused again. */
export function isRefusal(error: unknown): boolean {
  return error instanceof PlatformError && !error.isPassing;
}

/** True if Discord rejected the bot's token. discord.js then drops it, and every later call fails. */
export function isRefusedToken(error: unknown): boolean {
  // Calls with an interaction's token carry it in the path instead of the bot's.
  return (
    error instanceof DiscordAPIError &&
    error.status === 401 &&
    !/\/(?:webhooks|interactions)\//u.test(error.url)
  );
}

/** `what`: the call as a verb phrase, such as "post a message". */
export function toPlatformError(what: string, error: unknown): PlatformError {
  if (error instanceof RateLimitError) {
    return new PlatformError("rate-limited", `Discord's rate limit delays: ${what}`, {
      cause: new DiscordFault("Rate limit", 429),
      retryAfterMs: Math.max(error.retryAfter || defaultWaitMs, error.timeToReset),
    });
  }
  if (error instanceof DiscordAPIError) return refusal(what, error);
  if (error instanceof HTTPError) {
    return new PlatformError("unreachable", `Discord failed to ${what}`, {
      cause: new DiscordFault(`HTTP ${error.status}`, error.status),
    });
  }
  const name = error instanceof Error ? error.name : "unknown fault";
  return new PlatformError("unreachable", `Discord did not respond: ${what}`, {
    cause: new DiscordFault(name),
  });
}

function refusal(what: string, error: DiscordAPIError): PlatformError {
  const code = typeof error.code === "number" ? error.code : 0;
  const kind = kindByCode.get(code) ?? kindOfStatus(error.status);
  return new PlatformError(kind, `Discord refused to ${what}`, {
    cause: new DiscordFault(`HTTP ${error.status}, code ${code}`, error.status, code),
    closed: closedWhyByCode.get(code),
    ...(kind === "rate-limited" ? { retryAfterMs: waitOf(error) } : {}),
  });
}

/** The wait that the body gives, in seconds there. */
function waitOf({ rawError }: DiscordAPIError): number {
  const waitS: unknown = "retry_after" in rawError ? rawError.retry_after : undefined;
  return typeof waitS === "number" && waitS > 0 ? Math.ceil(waitS * 1_000) : defaultWaitMs;
}

function kindOfStatus(status: number): PlatformErrorKind {
  // A rejected token stops the bot; its replies are sent after the restart with a new token.
  if (status === 401) return "unreachable";
  if (status === 403) return "forbidden";
  if (status === 404) return "gone";
  return status === 429 ? "rate-limited" : "rejected";
}
