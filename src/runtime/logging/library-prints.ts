import { inspect } from "node:util";

import type { Log } from "../../ports/log.ts";

const mostChars = 300;

/**
 * Some libraries print their faults, with stack traces, among the log's lines: here they are lines of it, for those who look
 * closer, since what matters is told elsewhere.
 * @param log - Undefined before there is one
 */
export function logLibraryPrints(log: () => Log | undefined): void {
  const print = (...values: readonly unknown[]): void => {
    const line = values.map(shown).join(" ").split("\n", 1)[0]?.slice(0, mostChars);
    log()?.debug({ line }, "a library prints");
  };
  for (const name of ["log", "info", "warn", "error", "debug", "trace"] as const) console[name] = print;
}

function shown(value: unknown): string {
  if (value instanceof Error) return value.message;
  return typeof value === "string" ? value : inspect(value, { depth: 0 });
}
