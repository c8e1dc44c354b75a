import type { CommandDefinition } from "../domain/command.ts";
import type { Prompt } from "../domain/prompt.ts";
import type { Recollection } from "../domain/recollection.ts";

/** What a command is given. */
interface CommandCall {
  /** With everything that was said before the command. */
  readonly recollection: Recollection;
  /** One of the definition's option words, or empty. */
  readonly argument: string;
  /** Asks the model, outside of the conversation. @throws {ModelError} */
  readonly ask: (prompt: Prompt) => Promise<string>;
}

/** What a command leaves. */
export interface CommandResult {
  /** Markdown for the asker, or for everybody when `isShared`. */
  readonly say: string;
  readonly isShared: boolean;
  /** Missing: memory stays as it is. */
  readonly recollection?: Recollection;
}

/** A command and what it does. Each is defined once, for all platforms. */
export interface CommandRunner {
  readonly definition: CommandDefinition;
  /** True: a running answer is stopped instead of waited for, and what was not answered yet goes unanswered. */
  readonly interrupts: boolean;
  /** @throws {ModelError} when it asks the model in vain; then nothing has changed. */
  readonly run: (call: CommandCall, signal: AbortSignal) => Promise<CommandResult>;
}
