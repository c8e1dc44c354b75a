import { destination, pino, stdTimeFunctions, type DestinationStream, type Logger } from "pino";

import { prettyLine } from "./pretty-lines.ts";

/** Redacted at the top and one level below; pino's `*` matches only the latter. */
const secretFields = [
  "token",
  "authorization",
  "Authorization",
  "apiKey",
  "secret",
  "signingSecret",
  "password",
  "cookie",
  "text",
  "content",
  "response_url",
  "responseUrl",
  "headers",
  "config",
  "request",
  "requestBody",
  "rawError",
];

/** Whether log lines are for people: by the setting, or if stdout is a terminal. */
export function isPretty(format: "auto" | "pretty" | "json"): boolean {
  return format === "auto" ? process.stdout.isTTY : format === "pretty";
}

/** stdout, with readable lines where people read it. */
export function logStream(format: Parameters<typeof isPretty>[0]): DestinationStream {
  const out = destination({ sync: true });
  if (!isPretty(format)) return out;
  const isColored = process.stdout.isTTY && process.stdout.hasColors();
  return { write: (line) => void out.write(prettyLine(line, isColored)) };
}

/**
 * JSON lines on stdout. Put an Error under `err`. Synchronous, so that the last line of a dying process is written.
 */
export function openLog(level: string, stream: DestinationStream = destination({ sync: true })): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: [
          ...secretFields,
          ...secretFields.map((field) => `*.${field}`),
          "err.cause.config",
          "err.*.headers",
        ],
        censor: "[hidden]",
      },
    },
    stream,
  );
}
