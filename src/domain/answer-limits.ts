import { wholeNumber, type ValuesOf } from "./setting.ts";

/** What the model may use for one answer. */
export const answerLimits = {
  /** Rounds of tool calls before the model has to answer. 0: it gets no tools. */
  rounds: wholeNumber("LIMIT_ANSWER_ROUNDS", [0, 20], 3),
  /** After three quarters of this time no more tools are called; at its end the answer is cut. 0: no limit. */
  ms: wholeNumber("LIMIT_ANSWER_MS", [0, 3_600_000], 0),
  /**
   * When the rounds of tool calls have used so many tokens, prompts and responses together, no more tools are called. 0: no
   * limit. Without effect where the provider reports no usage.
   */
  tokens: wholeNumber("LIMIT_ANSWER_TOKENS", [0, 1_000_000_000_000], 0),
};

export type AnswerLimits = ValuesOf<typeof answerLimits>;

/** The longest answer, also if it is continued. */
export const maxAnswerChars = 200_000;
