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
  /** What the model may call; the same for every turn. Missing: nothing. */
  readonly tools?: readonly Tool[];
  /** What it has called so far for this answer, in order. Missing: nothing. */
  readonly calls?: readonly AnsweredCall[];
}

/** A function that the model may call while it answers. */
export interface Tool {
  readonly name: string;
  readonly description: string;
  /** A JSON schema of an object: every property required, no others allowed. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** The model wants a function called. */
export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** JSON, as the model wrote it: it may be anything. */
  readonly argument: string;
}

/** A call with what it gave. Calls that were made together stand together. */
export interface AnsweredCall {
  readonly call: ToolCall;
  readonly result: string;
  /** What the provider wants back with it, opaque to everybody else (encrypted reasoning). */
  readonly provider?: readonly unknown[];
}
