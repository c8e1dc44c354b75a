/** Token limits of a prompt, instructions not included. */
export interface Budget {
  /** Hard limit for the window and the summary together. */
  readonly highTokens: number;
  /** Above this, the oldest messages are summarized in the background. */
  readonly summarizeAboveTokens: number;
  /** Size of the window after a cut or a summary. Also the limit for a single message. */
  readonly lowTokens: number;
  /** Limit for the lines of the summary. */
  readonly summaryTokens: number;
}
