import type { Logger } from "@slack/bolt";
import { LogLevel } from "@slack/web-api";

import type { Log } from "../../../ports/log.ts";

const maxLineChars = 200;

/**
 * Passes the lines of Slack's libraries to our log. Debug lines are dropped: they print whole payloads. Of the others
 * only the first argument is logged, if it is text, and only up to a quotation mark: quoted content stays out of the log.
 */
export function boltLogger(log: Log): Logger {
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
  return { line: typeof text === "string" ? (text.split('"', 1)[0] ?? "").slice(0, maxLineChars) : "" };
}
