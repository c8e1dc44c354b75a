import { defaultDeserialize, defaultSerialize } from "@keyv/serialize";
import type { Keyv } from "keyv";

import type { ConversationKey } from "../../domain/conversation.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import { MemoryError, type Memory, type Recall } from "../../ports/memory.ts";
import { withDeadline } from "../../runtime/deadline.ts";
import { memorySchema } from "../records/memory-schema.ts";

const deadlineMs = 1_000;

/**
 * Working memory in a Keyv, one record for each conversation under `memory:<conversation>`. It only reads.
 * The Keyv must be one without a namespace that throws its errors (`throwOnErrors`, also of its adapter): one that
 * swallows them turns an outage into an empty memory.
 */
export class KeyvMemory implements Memory {
  readonly #keyv: Keyv;

  constructor(keyv: Keyv) {
    this.#keyv = keyv;
  }

  readonly read = async (conversation: ConversationKey, signal: AbortSignal): Promise<Recall> => {
    try {
      return await withDeadline(() => this.#read(conversation), deadlineMs, signal);
    } catch (cause) {
      signal.throwIfAborted();
      throw new MemoryError("The store of memory can't be reached", { cause });
    }
  };

  async #read(conversation: ConversationKey): Promise<Recall> {
    const key = keyOf(conversation);
    const asked = await this.#ask(key);
    const memory = memoryIn(asked.envelope, conversation);
    if (memory !== undefined) return { memory };
    // Keyv takes some broken records for none, and throws for others. Somebody may have written since it looked, so that
    // these bytes alone decide. A store that is away throws again here.
    const bytes: unknown = await this.#keyv.store.get(key);
    if (bytes !== undefined && bytes !== null) return readBytes(bytes, conversation);
    if ("error" in asked) throw asked.error;
    return {};
  }

  async #ask(key: string): Promise<{ readonly envelope?: unknown; readonly error?: unknown }> {
    try {
      return { envelope: await this.#keyv.get(key, { raw: true }) };
    } catch (error) {
      return { error };
    }
  }
}

function readBytes(bytes: unknown, conversation: ConversationKey): Recall {
  if (typeof bytes !== "string") return { isUnreadable: true };
  try {
    const memory = memoryIn(defaultDeserialize(bytes), conversation);
    return memory === undefined ? { isUnreadable: true } : { memory };
  } catch {
    // Not only a SyntaxError: nesting that is too deep is a RangeError.
    return { isUnreadable: true };
  }
}

/** Undefined unless it is the whole, valid record of this conversation. */
function memoryIn(envelope: unknown, conversation: ConversationKey): ConversationMemory | undefined {
  if (typeof envelope !== "object" || envelope === null || !("value" in envelope)) return undefined;
  const parsed = memorySchema.safeParse(envelope.value);
  return parsed.success && parsed.data.conversation === conversation ? parsed.data : undefined;
}

/** The key of a conversation's memory, as Keyv's adapter gets it. */
export function keyOf(conversation: ConversationKey): string {
  return `memory:${conversation}`;
}

/** The bytes that `keyv.set` would store, for a writer with a transaction of its own. */
export function bytesOf(memory: ConversationMemory): string {
  return defaultSerialize({ value: memory });
}
