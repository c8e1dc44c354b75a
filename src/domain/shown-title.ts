import type { MessageId } from "./message.ts";

/** The title that people gave a thread, as the platform shows it above the conversation by now. */
export interface ShownTitle {
  /** As they wrote it. */
  readonly text: string;
  /** Their names. May be empty. */
  readonly tags: readonly string[];
  /** The message that the title belongs to, and goes with. Missing: none. */
  readonly first?: MessageId;
}
