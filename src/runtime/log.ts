import { destination, pino, stdTimeFunctions, type DestinationStream, type Logger } from "pino";

/** Each stands twice because pino's `*` is one level deep and does not match the top. */
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

/**
 * JSON lines on stdout. An Error belongs under `err`.
 * Written synchronously: the last line of a dying process is the one that is needed.
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
