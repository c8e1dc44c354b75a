import type { ConversationKey } from "../../../src/domain/conversation.ts";
import type { Recollection } from "../../../src/domain/recollection.ts";
import { MemoryError, type Memory, type Recall } from "../../../src/ports/memory.ts";
import type { MemoryWriter } from "../../../src/storage/sqlite/sqlite-journal.ts";

/** Memory in a Map, with switches for what can go wrong. */
export class FakeMemory implements Memory, MemoryWriter {
  readonly records = new Map<ConversationKey, Recollection>();
  isDown = false;
  /** Writes of a store elsewhere take place, and their confirmation is lost, this often. */
  lostConfirmations = 0;
  setAside: string | undefined;

  readonly recall = async (conversation: ConversationKey): Promise<Recall> => {
    this.#assertUp();
    const recollection = this.records.get(conversation);
    return {
      ...(recollection === undefined ? {} : { recollection }),
      ...(this.setAside === undefined ? {} : { setAside: this.setAside }),
    };
  };

  readonly before = async (recollection: Recollection): Promise<void> => {
    this.#assertUp();
    if (this.lostConfirmations === 0) return;
    this.lostConfirmations -= 1;
    this.within(recollection);
    throw new MemoryError("written, but not confirmed");
  };

  readonly within = (recollection: Recollection): void => {
    this.setAside = undefined;
    this.records.set(recollection.conversation, recollection);
  };

  readonly forgetBefore = async (): Promise<void> => {
    this.#assertUp();
  };

  readonly forgetWithin = (conversation: ConversationKey): void => {
    this.records.delete(conversation);
  };

  #assertUp(): void {
    if (this.isDown) throw new MemoryError("down");
  }
}
