import type { Log } from "../../ports/log.ts";

/**
 * Node writes warnings to stderr, several lines each. Here they are lines of the log; that something of Node's is still
 * new to it is nothing that anybody has to act on.
 * @param log - Undefined before there is one: nothing that early is lost but a warning
 */
export function logNodeWarnings(log: () => Log | undefined): void {
  process.removeAllListeners("warning");
  process.on("warning", ({ name, message }) => {
    if (name !== "ExperimentalWarning") log()?.warn({ name }, message);
  });
}
