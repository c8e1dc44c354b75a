/** How many tokens a prompt may have beside its instructions. */
export interface Budget {
  /** Never exceeded. */
  readonly highTokens: number;
  /** From here on the oldest messages are folded into the summary, in the background. */
  readonly summarizeAboveTokens: number;
  /** Where a fold or a cut takes the window down to. */
  readonly lowTokens: number;
  /** For the lines of the summary. */
  readonly summaryTokens: number;
}

/**
 * Cuts go down deep: providers bill a repeated beginning at a tenth, and every cut breaks the repetition. Between the
 * fold's mark and the budget there is room for what is said while the model folds.
 */
export function budgetOf(promptTokens: number, contextTokens = promptTokens): Budget {
  return {
    highTokens: promptTokens,
    summarizeAboveTokens: Math.floor(promptTokens * 0.85),
    lowTokens: Math.floor(promptTokens * 0.35),
    summaryTokens: Math.min(Math.floor(contextTokens / 5), Math.floor(promptTokens * 0.4)),
  };
}

/** The budget as it is now: a server may say at any time that it takes less. */
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
