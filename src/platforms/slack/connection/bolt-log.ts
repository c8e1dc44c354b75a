import { LogLevel, type Logger } from "@slack/bolt";

import type { Log } from "../../../ports/log.ts";

const longestLine = 200;

/**
 * Slack's libraries log to our log, but for their debug lines: those print whole payloads and are dropped. Of the
 * others we take the first argument, if it is text, up to the first quotation mark: behind it stands what was quoted.
 */
export function boltLog(log: Log): Logger {
  const message = "Slack's library reports";
  return {
    debug: () => undefined,
    info: (...args: unknown[]) => log.debug(line(args), message),
    warn: (...args: unknown[]) => log.warn(line(args), message),
    error: (...args: unknown[]) => log.warn(line(args), message),
    setLevel: () => undefined,
    getLevel: () => LogLevel.INFO,
    setName: () => undefined,
  };
}

function line([first]: readonly unknown[]): { readonly line: string } {
  const text = first instanceof Error ? first.name : first;
  return { line: typeof text === "string" ? (text.split('"', 1)[0] ?? "").slice(0, longestLine) : "" };
}
