import type { Budget } from "../../domain/budget.ts";

/**
 * Derives the limits from the tokens available for a prompt. Cuts are deep (to 35 %), because each cut breaks the prefix
 * that providers bill at a tenth. The gap between 85 % and 100 % holds what is said while the model summarizes.
 * `contextTokens`: caps the summary at a fifth.
 */
export function budgetOf(promptTokens: number, contextTokens = promptTokens): Budget {
  return {
    highTokens: promptTokens,
    summarizeAboveTokens: Math.floor(promptTokens * 0.85),
    lowTokens: Math.floor(promptTokens * 0.35),
    summaryTokens: Math.min(Math.floor(contextTokens / 5), Math.floor(promptTokens * 0.4)),
  };
}

/** A budget that follows `promptTokens`: a server may lower its limit at any time. */
export function liveBudget(promptTokens: () => number, contextTokens: number): Budget {
  const now = (): Budget => budgetOf(promptTokens(), contextTokens);
  return {
    get highTokens() {
      return now().highTokens;
    },
    get summarizeAboveTokens() {
      return now().summarizeAboveTokens;
    },
    get lowTokens() {
      return now().lowTokens;
    },
    get summaryTokens() {
      return now().summaryTokens;
    },
  };
}
