import type { ToolDefinition } from "../../domain/prompt.ts";

/** What is known of an answer before it begins. */
export interface AnswerForm {
  /**
   * The chat template has opened the thoughts, so the text begins inside them and only their end is marked. Undefined:
   * unknown; text that sounds like thoughts is held back.
   */
  readonly startsThinking: boolean | undefined;
  /** Tools that can be called. */
  readonly tools: readonly ToolDefinition[];
}
