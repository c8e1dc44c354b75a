import { defaultDeserialize, defaultSerialize } from "@keyv/serialize";
import type { Keyv } from "keyv";

import type { ConversationKey } from "../../domain/conversation.ts";
import type { Recollection } from "../../domain/recollection.ts";
import type { Ids } from "../../ports/ids.ts";
import type { Log } from "../../ports/log.ts";
import { MemoryError, type Memory, type Recall } from "../../ports/memory.ts";
import { withDeadline } from "../../runtime/deadline.ts";
import { recollectionSchema } from "./recollection-schema.ts";

const deadlineMs = 1_000;

/**
 * Working memory in a Keyv, one record for each conversation under `memory:<conversation>`; unreadable records are
 * moved to `set-aside:<reference>:<conversation>`.
 * The Keyv must be one without a namespace that throws its errors (`throwOnErrors`, also of its adapter): one that
 * swallows them turns an outage into an empty memory.
 */
export class KeyvMemory implements Memory {
  readonly #keyv: Keyv;
  readonly #ids: Ids;
  readonly #log: Log;

  constructor(keyv: Keyv, ids: Ids, log: Log) {
    this.#keyv = keyv;
    this.#ids = ids;
    this.#log = log;
  }

  readonly recall = async (conversation: ConversationKey, signal: AbortSignal): Promise<Recall> => {
    const key = keyOf(conversation);
    const read = await this.#within(signal, () => this.#read(key));
    if (read === missing) return {};
    const parsed = recollectionSchema.safeParse(read);
    return parsed.success && parsed.data.conversation === conversation
      ? { recollection: parsed.data }
      : { setAside: await this.#setAside(conversation, signal) };
  };

  /** @throws {MemoryError} unless it is stored. */
  readonly remember = async (recollection: Recollection, signal: AbortSignal): Promise<void> => {
    await this.#within(signal, () => this.#set(keyOf(recollection.conversation), recollection));
  };

  /** @throws {MemoryError} unless it is gone. */
  readonly forget = async (conversation: ConversationKey, signal: AbortSignal): Promise<void> => {
    await this.#within(signal, () => this.#keyv.delete(keyOf(conversation)));
  };

  async #read(key: string): Promise<unknown> {
    try {
      const envelope: unknown = await this.#keyv.get(key, { raw: true });
      if (typeof envelope === "object" && envelope !== null && "value" in envelope) return envelope.value;
      // Keyv takes some broken records, such as `null`, for none.
      return envelope === undefined && (await this.#readBytes(key)) === undefined ? missing : undefined;
    } catch (error) {
      // A store that is away throws again here. Bytes that do arrive, and can't be read, are a broken record.
      if (isReadable(await this.#readBytes(key))) throw error;
      return undefined;
    }
  }

  async #readBytes(key: string): Promise<unknown> {
    const bytes: unknown = await this.#keyv.store.get(key);
    return bytes ?? undefined;
  }

  async #set(key: string, value: unknown): Promise<void> {
    if (!(await this.#keyv.set(key, value))) throw new MemoryError("The store of memory refused a record");
  }

  /** One unreadable record costs that record, never the bot; nothing of it is lost. */
  async #setAside(conversation: ConversationKey, signal: AbortSignal): Promise<string> {
    const reference = this.#ids.reference();
    const key = keyOf(conversation);
    await this.#within(signal, async () => {
      await this.#set(`set-aside:${reference}:${conversation}`, await this.#readBytes(key));
      await this.#keyv.delete(key);
    });
    this.#log.error(
      { reference },
      "an unreadable memory was set aside, under the key set-aside:<reference>:…",
    );
    return reference;
  }

  async #within<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    try {
      return await withDeadline(work, deadlineMs, signal);
    } catch (cause) {
      signal.throwIfAborted();
      if (cause instanceof MemoryError) throw cause;
      throw new MemoryError("The store of memory can't be reached", { cause });
    }
  }
}

const missing = Symbol("missing");

function isReadable(bytes: unknown): boolean {
  if (typeof bytes !== "string") return bytes === undefined;
  try {
    defaultDeserialize(bytes);
    return true;
  } catch {
    // Not only a SyntaxError: nesting that is too deep is a RangeError.
    return false;
  }
}

/** The key of a conversation's memory, as Keyv's adapter gets it. */
export function keyOf(conversation: ConversationKey): string {
  return `memory:${conversation}`;
}

/** The bytes that `keyv.set` would store, for a writer with a transaction of its own. */
export function bytesOf(recollection: Recollection): string {
  return defaultSerialize({ value: recollection });
}
