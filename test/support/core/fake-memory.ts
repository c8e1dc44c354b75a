import type { ConversationKey } from "../../../src/domain/conversation.ts";
import type { ConversationMemory } from "../../../src/domain/conversation-memory.ts";
import { MemoryError, type HotMemory, type MemoryRead } from "../../../src/ports/memory.ts";
import type { MemoryWriter } from "../../../src/storage/sqlite/stores/sqlite-memory-writer.ts";

/** Memory in a Map, with switches for what can go wrong. */
export class FakeMemory implements HotMemory, MemoryWriter {
  readonly records = new Map<ConversationKey, ConversationMemory>();
  isDown = false;
  isUnreadable = false;
  /** References of quarantined records. */
  readonly setAside: string[] = [];

  readonly read = async (conversation: ConversationKey): Promise<MemoryRead> => {
    this.#assertUp();
    if (this.isUnreadable) return { isUnreadable: true };
    const memory = this.records.get(conversation);
    return memory === undefined ? {} : { memory };
  };

  readonly readAll = async (conversations: readonly ConversationKey[]): Promise<readonly MemoryRead[]> =>
    Promise.all(conversations.map(this.read));

  /** Each read asks, so that what goes wrong is seen. */
  readonly snapshot = (): undefined => undefined;

  readonly remember = (memory: ConversationMemory): void => {
    this.records.set(memory.conversation, memory);
  };

  readonly forget = (conversation: ConversationKey): void => {
    this.records.delete(conversation);
  };

  readonly quarantine = (conversation: ConversationKey, reference: string): void => {
    this.isUnreadable = false;
    this.records.delete(conversation);
    this.setAside.push(reference);
  };

  #assertUp(): void {
    if (this.isDown) throw new MemoryError("down");
  }
}
