import type { ConversationKey } from "../../../domain/conversation.ts";
import type { ConversationMemory } from "../../../domain/conversation-memory.ts";
import { keyOf, pageKeyOf } from "../../keyv/keyv-memory.ts";
import type { HeldHead, MemoryPages } from "../../keyv/memory-pages.ts";
import { keys } from "../commands/keys.ts";
import { memoryValues } from "../lua/memory-lua.ts";

/** Gives scripts the keys and the bytes of memories. `fullKey`: a key as Keyv's adapter writes it. */
export class RedisMemoryWriter {
  readonly #fullKey: (key: string) => string;
  readonly #pages: MemoryPages;

  constructor(fullKey: (key: string) => string, pages: MemoryPages) {
    this.#fullKey = fullKey;
    this.#pages = pages;
  }

  headKey(conversation: ConversationKey): string {
    return this.#fullKey(keyOf(conversation));
  }

  /** The head that this process holds, and what its bytes begin with. `start` is empty: it holds none. */
  held(conversation: ConversationKey): HeldHead {
    return this.#pages.heldHead(conversation);
  }

  /** Of the head, and of the set of page ids. */
  names(conversation: ConversationKey): readonly [string, string] {
    return [this.headKey(conversation), keys.pages(conversation)];
  }

  /** What the keys of a conversation's pages begin with. */
  pageKey(conversation: ConversationKey): string {
    return this.#fullKey(pageKeyOf(conversation, ""));
  }

  /**
   * Runs a script with the values for `writeMemory`: those that changed, or all if the script answers "changed" because
   * the stored memory is not the one that this process holds. `replacing`: all at once. Resolves to the script's reply.
   */
  async write(
    memory: ConversationMemory,
    run: (values: readonly string[]) => Promise<unknown>,
    replacing?: "all",
  ): Promise<unknown> {
    let write = this.#pages.plan(memory, replacing);
    let reply = await run(memoryValues(write));
    if (reply === "changed") {
      write = this.#pages.plan(memory, "all");
      reply = await run(memoryValues(write));
    }
    this.#pages.written(write);
    return reply;
  }

  forget(conversation: ConversationKey): void {
    this.#pages.forget(conversation);
  }
}
