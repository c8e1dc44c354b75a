import type { ConversationKey } from "../../../src/domain/conversation.ts";
import type { Prompt } from "../../../src/domain/prompt.ts";
import type { ConversationMemory } from "../../../src/domain/conversation-memory.ts";
import { FakePlatform } from "./fake-platform.ts";

/** A platform on which people see titles. */
export class TitlingPlatform extends FakePlatform {
  /** The conversations that got one. */
  readonly titled: ConversationKey[] = [];
  titleChanged: ((memory: ConversationMemory) => void) | undefined = ({ conversation }) =>
    void this.titled.push(conversation);
}

/** Whether the model is to make a title, and not to answer. */
export function isTitling({ instructions }: Pick<Prompt, "instructions">): boolean {
  return instructions.startsWith("You name chats.");
}
