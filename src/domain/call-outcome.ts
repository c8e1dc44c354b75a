/**
 * How a tool call ended. `failed`: it did nothing, and the model was told why. `refused`: it was not carried out, because
 * there were too many calls, there is no such tool, or no person approved it. `unknown`: it may have changed something;
 * people are told.
 */
export type CallOutcome = "done" | "failed" | "refused" | "unknown";
