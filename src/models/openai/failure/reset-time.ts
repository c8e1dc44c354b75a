import type { APIError } from "openai";

import { retryAfterMs } from "../../../runtime/rate/retry-after.ts";
import { asList, asObject, asText } from "../../json.ts";
import { wordsOfRefusal } from "./refusal-words.ts";

const dayMs = 24 * 3_600_000;
/** Upper bound of any wait. */
const maxMs = 32 * dayMs;

/** How long a refusal asks us to wait (ms), from its headers, its body, or its exhausted limits, in this order. 0: it does not. */
export function requestedWaitMs(error: APIError, nowMs: number): number {
  const { headers } = error;
  const inMs = Number.parseFloat(headers?.get("retry-after-ms") ?? "");
  const found = [
    () => (inMs >= 0 ? inMs : undefined),
    () => retryAfterMs(headers?.get("retry-after"), nowMs),
    () => delayInBody(error, nowMs),
    () => saidIn(wordsOfRefusal(error), nowMs),
    () => (headers === undefined ? undefined : resetIn(headers, nowMs)),
  ];
  for (const look of found) {
    const ms = look();
    if (ms !== undefined && Number.isFinite(ms)) return Math.min(maxMs, Math.max(0, ms));
  }
  return 0;
}

/** "Please try again in 6m0s", "wait 15 minutes", "retry after 59 seconds", "regain access on 2026-12-01 at 00:00 UTC" */
function saidIn(words: string, nowMs: number): number | undefined {
  const behind = /\b(?:try again|retry|resets?|available|wait)\b[^.\n]{0,20}?\b(\d[^\n]{0,40})/iu.exec(
    words,
  )?.[1];
  const ms = spanIn(behind ?? "");
  if (ms !== undefined) return ms;
  const date =
    /\b(?:again|retry|resets?|available|access|until)\b.{0,20}?\b(\d{4}-\d\d-\d\d[T ](?:at )?[\d:.]{5,12} ?(?:Z\b|UTC))/iu;
  return retryAfterMs(date.exec(words)?.[1]?.replace("at ", ""), nowMs);
}

/** Gemini's `retryDelay: "34s"`, and provider headers that OpenRouter repeats in the body. */
function delayInBody({ error }: APIError, nowMs: number): number | undefined {
  const fields = asObject(error);
  const delays = asList(fields["details"]).map((detail) => asText(asObject(detail)["retryDelay"]));
  const delay = delays.find((each) => each !== "");
  if (delay !== undefined) return spanIn(delay);
  const forwarded = Object.entries(asObject(asObject(fields["metadata"])["headers"]));
  return resetIn(
    new Headers(
      forwarded.flatMap(([name, value]) => (/^[\w-]+$/u.test(name) ? [[name, String(value)]] : [])),
    ),
    nowMs,
  );
}

interface Reset {
  readonly ms: number;
  readonly isUsedUp: boolean;
}

/** The IETF's `RateLimit` header: `limit=9, remaining=0, reset=30` in older drafts, `"default";r=0;t=30` per limit in newer ones. */
function resetsIn(header: string): readonly Reset[] {
  const limits = header.includes("reset=") ? [header] : header.split(",").slice(0, 20);
  return limits.flatMap((limit) => {
    const seconds = /\b(?:reset|t)=(\d{1,9})/u.exec(limit)?.[1];
    const left = /\b(?:remaining|r)=(\d{1,15})/u.exec(limit)?.[1];
    return seconds === undefined ? [] : [{ ms: Number(seconds) * 1_000, isUsedUp: Number(left ?? 1) === 0 }];
  });
}

/** The latest reset of all exhausted limits; without any, the only reset. */
function resetIn(headers: Headers, nowMs: number): number | undefined {
  const resets: Reset[] = [];
  for (const [name, value] of headers) {
    if (/^(?:x-)?ratelimit$/u.test(name)) resets.push(...resetsIn(value));
    if (!/ratelimit.*-reset/u.test(name)) continue;
    const ms = momentIn(value, nowMs);
    const left = headers.get(name.replace("-reset", "-remaining"));
    if (ms !== undefined) resets.push({ ms, isUsedUp: left !== null && Number(left) <= 0 });
  }
  const usedUp = resets.filter(({ isUsedUp }) => isUsedUp);
  if (usedUp.length > 0) return Math.max(...usedUp.map(({ ms }) => ms));
  return resets.length === 1 ? resets[0]?.ms : undefined;
}

/** "6m0s", "20", Unix time in s or ms, or a date. */
function momentIn(text: string, nowMs: number): number | undefined {
  const number = Number(text);
  if (text.trim() !== "" && Number.isFinite(number)) {
    if (number > 1e11) return number - nowMs;
    return number > 1e9 ? number * 1_000 - nowMs : number * 1_000;
  }
  return spanIn(text) ?? retryAfterMs(text, nowMs);
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: dayMs };

/** "1h2m3.5s", "34s", "7 minutes", "20ms" at the start of the text. */
function spanIn(text: string): number | undefined {
  let ms: number | undefined;
  const part =
    /\s*~?\s?(\d{1,9}(?:\.\d{1,9})?)\s?(ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)(?![a-z])/iuy;
  for (let match = part.exec(text.slice(0, 60)); match !== null; match = part.exec(text.slice(0, 60))) {
    const [, number = "", unit = ""] = match;
    const short = /^(?:ms|milli)/iu.test(unit) ? "ms" : unit.charAt(0).toLowerCase();
    ms = (ms ?? 0) + Number(number) * (unitMs[short] ?? 0);
  }
  return ms;
}
