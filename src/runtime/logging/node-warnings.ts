import type { Log } from "../../ports/log.ts";

/**
 * Sends Node's warnings to the log instead of stderr. Warnings about experimental features are dropped: no one has to act.
 * @param log - undefined before it is open; warnings are then dropped
 */
export function logNodeWarnings(log: () => Log | undefined): void {
  process.removeAllListeners("warning");
  process.on("warning", ({ name, message }) => {
    if (name !== "ExperimentalWarning") log()?.warn({ name }, message);
  });
}
