import type { ConversationKey } from "../../../src/domain/conversation.ts";
import type { Payer } from "../../../src/domain/prompt.ts";

/** The payer of background work in a conversation. */
export function payerIn(conversation: ConversationKey): Payer {
  return { conversation, platform: "fake", place: "fake:room" };
}
