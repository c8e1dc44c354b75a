import type { Content } from "./content.ts";
import type { ConversationKey } from "./conversation.ts";

/** One message of a prompt. A person's content starts with the speaker's name. */
export interface PromptMessage {
  readonly role: "person" | "bot";
  readonly content: Content;
}

/** What the model is asked for. `summary`: of messages that leave the window. `command`: for the answer of a command. `description`: of an image. */
export type PromptPurpose = "answer" | "command" | "summary" | "title" | "description";

/** Who causes a model call, and where. The call is charged to them. */
export interface Payer {
  readonly conversation: ConversationKey;
  readonly platform: string;
  readonly place: string;
  /** The Author's id. Missing for background work such as summaries. */
  readonly person?: string;
  /** The call begins a `/summary`, which has its own limit. */
  readonly isSummary?: true;
}

/**
 * The remembered messages of a prompt, named by their ordinals. An archived message with a newer revision was edited since,
 * and one that is missing in the archive was removed since.
 */
export interface PromptContents {
  /** The ordinals of the first and the last message. */
  readonly from: number;
  readonly to: number;
  /** How many of them were given to the model: it sees no notices, and no messages that were given up. */
  readonly messages: number;
  /** Memory's revision. */
  readonly revision: number;
  /** Missing: the prompt had no summary. */
  readonly summary?: { readonly madeAtMs: number; readonly lines: number };
}

/** Everything given to the model for one turn. */
export interface Prompt {
  readonly purpose: PromptPurpose;
  readonly payer: Payer;
  /** What it holds of the window, for the turn's record. Missing: it was made from something else. */
  readonly contents?: PromptContents;
  /** Holds nothing that changes between turns: providers charge a tenth for a repeated beginning. */
  readonly instructions: string;
  /** Oldest first; never empty. */
  readonly messages: readonly PromptMessage[];
  /** The tools that the model may call; identical for every turn. Missing: none. */
  readonly tools?: readonly ToolDefinition[];
  /** The tool calls made so far for this answer, in order. Missing: none. */
  readonly calls?: readonly AnsweredCall[];
}

/** A function that the model may call while it answers. */
export interface ToolDefinition {
  readonly name: string;
  readonly description: string;
  /** A JSON schema of an object: every property required, no others allowed. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** A tool call that the model asked for. */
export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** JSON as the model wrote it. May be invalid. */
  readonly argument: string;
}

/** A tool call and its result. Calls of one model response follow each other. */
export interface AnsweredCall {
  readonly call: ToolCall;
  readonly result: string;
  /** Opaque data that the provider wants back with the result (encrypted reasoning). */
  readonly provider?: readonly unknown[];
}
