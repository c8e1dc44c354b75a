import { inspect } from "node:util";

import type { Log } from "../../ports/log.ts";

const maxChars = 300;

/**
 * Sends `console` output of libraries to the log, at level debug: what matters is logged elsewhere.
 * @param log - undefined before it is open
 */
export function logConsoleOutput(log: () => Log | undefined): void {
  const print = (...values: readonly unknown[]): void => {
    const line = values.map(shown).join(" ").split("\n", 1)[0]?.slice(0, maxChars);
    log()?.debug({ line }, "a library wrote to the console");
  };
  for (const name of ["log", "info", "warn", "error", "debug", "trace"] as const) console[name] = print;
}

function shown(value: unknown): string {
  if (value instanceof Error) return value.message;
  return typeof value === "string" ? value : inspect(value, { depth: 0 });
}
