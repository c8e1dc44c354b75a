import { defaultDeserialize, defaultSerialize } from "@keyv/serialize";
import type { Keyv } from "keyv";

import type { ConversationKey } from "../../domain/conversation.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import { MemoryError, type Memory, type MemoryRead } from "../../ports/memory.ts";
import { withDeadline } from "../../async/deadline.ts";
import { memorySchema } from "../records/memory-schema.ts";

const deadlineMs = 1_000;

/**
 * Working memory in a Keyv, one record per conversation under `memory:<conversation>`. Read-only.
 * The Keyv must have no namespace and must throw its errors (`throwOnErrors`, also of its adapter). Otherwise an
 * outage would look like an empty memory.
 */
export class KeyvMemory implements Memory {
  readonly #keyv: Keyv;

  constructor(keyv: Keyv) {
    this.#keyv = keyv;
  }

  readonly read = async (conversation: ConversationKey, signal: AbortSignal): Promise<MemoryRead> => {
    try {
      return await withDeadline(() => this.#read(conversation), deadlineMs, signal);
    } catch (cause) {
      signal.throwIfAborted();
      throw new MemoryError("The memory store can't be reached", { cause });
    }
  };

  async #read(conversation: ConversationKey): Promise<MemoryRead> {
    const key = keyOf(conversation);
    const answer = await this.#get(key);
    const memory = memoryIn(answer.envelope, conversation);
    if (memory !== undefined) return { memory };
    // Keyv returns nothing for some broken records and throws for others. The record may also have changed since. So
    // the bytes alone decide; an unreachable store throws again here.
    const bytes: unknown = await this.#keyv.store.get(key);
    if (bytes !== undefined && bytes !== null) return readBytes(bytes, conversation);
    if ("error" in answer) throw answer.error;
    return {};
  }

  async #get(key: string): Promise<{ readonly envelope?: unknown; readonly error?: unknown }> {
    try {
      return { envelope: await this.#keyv.get(key, { raw: true }) };
    } catch (error) {
      return { error };
    }
  }
}

function readBytes(bytes: unknown, conversation: ConversationKey): MemoryRead {
  if (typeof bytes !== "string") return { isUnreadable: true };
  try {
    const memory = memoryIn(defaultDeserialize(bytes), conversation);
    return memory === undefined ? { isUnreadable: true } : { memory };
  } catch {
    // Not only SyntaxError: too deep nesting throws a RangeError.
    return { isUnreadable: true };
  }
}

/** Undefined unless it is the complete, valid record of this conversation. */
function memoryIn(envelope: unknown, conversation: ConversationKey): ConversationMemory | undefined {
  if (typeof envelope !== "object" || envelope === null || !("value" in envelope)) return undefined;
  const parsed = memorySchema.safeParse(envelope.value);
  return parsed.success && parsed.data.conversation === conversation ? parsed.data : undefined;
}

/** The key of a conversation's memory, as passed to Keyv's adapter. */
export function keyOf(conversation: ConversationKey): string {
  return `memory:${conversation}`;
}

/** The bytes that `keyv.set` would store, for stores that write them in their own transaction. */
export function bytesOf(memory: ConversationMemory): string {
  return defaultSerialize({ value: memory });
}
