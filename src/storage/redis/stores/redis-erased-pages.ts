import { z } from "zod";

import { isConversationKey, type ConversationKey } from "../../../domain/conversation.ts";
import type { Broadcast } from "../../../ports/broadcast.ts";
import type { HeldMemories } from "../../keyv/held-memories.ts";

const channel = "erased-pages";
const dropUnusedEveryMs = 60_000;
const messageSchema = z.object({
  conversation: z.custom<ConversationKey>(isConversationKey),
  stamp: z.string().exactOptional(),
});

/**
 * Has all replicas forget pages with erased texts, which they hold in their memory. One that misses the broadcast forgets
 * them once it has not used them for ten minutes; a read of the conversation replaces them at once.
 */
export class ErasedPages implements Disposable {
  readonly #broadcast: Broadcast;
  readonly #held: HeldMemories;
  readonly #listening: Disposable;
  readonly #timer: NodeJS.Timeout;

  constructor(broadcast: Broadcast, held: HeldMemories) {
    this.#broadcast = broadcast;
    this.#held = held;
    this.#listening = broadcast.listen(channel, (message) => {
      const { success, data } = messageSchema.safeParse(message);
      if (success) held.forgetOlder(data.conversation, data.stamp);
    });
    this.#timer = setInterval(() => held.dropUnused(), dropUnusedEveryMs).unref();
  }

  /** Call it after a write that erased texts of the conversation. */
  announce(conversation: ConversationKey): void {
    const stamp = this.#held.get(conversation)?.stamp;
    this.#broadcast.send(channel, { conversation, ...(stamp === undefined ? {} : { stamp }) });
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#listening[Symbol.dispose]();
  }
}
