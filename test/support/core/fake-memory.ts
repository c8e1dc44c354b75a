import type { ConversationKey } from "../../../src/domain/conversation.ts";
import type { Recollection } from "../../../src/domain/conversation-memory.ts";
import { MemoryError, type Memory, type Recall } from "../../../src/ports/memory.ts";
import type { MemoryWriter } from "../../../src/storage/sqlite/stores/sqlite-memory-writer.ts";

/** Memory in a Map, with switches for what can go wrong. */
export class FakeMemory implements Memory, MemoryWriter {
  readonly records = new Map<ConversationKey, Recollection>();
  isDown = false;
  isUnreadable = false;
  /** The references under which something was set aside. */
  readonly setAside: string[] = [];

  readonly recall = async (conversation: ConversationKey): Promise<Recall> => {
    this.#assertUp();
    if (this.isUnreadable) return { isUnreadable: true };
    const recollection = this.records.get(conversation);
    return recollection === undefined ? {} : { recollection };
  };

  readonly remember = (recollection: Recollection): void => {
    this.records.set(recollection.conversation, recollection);
  };

  readonly forget = (conversation: ConversationKey): void => {
    this.records.delete(conversation);
  };

  readonly moveAside = (conversation: ConversationKey, reference: string): void => {
    this.isUnreadable = false;
    this.records.delete(conversation);
    this.setAside.push(reference);
  };

  #assertUp(): void {
    if (this.isDown) throw new MemoryError("down");
  }
}
