/**
 * How a tool call ended. `failed`: the model was told why. `refused`: it was not carried out, because there were too many
 * calls or no such tool.
 */
export type CallOutcome = "done" | "failed" | "refused";
