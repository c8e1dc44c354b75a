/** What the model may use for one answer. */
export interface AnswerLimits {
  /** Rounds of tool calls before the model has to answer. 0: it gets no tools. */
  readonly rounds: number;
  /** After three quarters of this time no more tools are called; at its end the answer is cut. 0: no limit. */
  readonly ms: number;
  /**
   * When the rounds of tool calls have used so many tokens, prompts and responses together, no more tools are called. 0: no
   * limit. Without effect where the provider reports no usage.
   */
  readonly tokens: number;
}
