import type { ConversationKey } from "./conversation.ts";

/** One message of a prompt; a person's text has its speaker before it. */
export interface PromptMessage {
  readonly role: "person" | "bot";
  readonly text: string;
}

/** Everything given to the model for one turn. */
export interface Prompt {
  readonly conversation: ConversationKey;
  /** Nothing volatile stands here: providers bill a repeated beginning at a tenth. */
  readonly instructions: string;
  /** Oldest first; never empty. */
  readonly messages: readonly PromptMessage[];
}
