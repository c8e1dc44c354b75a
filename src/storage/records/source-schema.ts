import { z } from "zod";

import { isConversationKey, type ConversationKey } from "../../domain/conversation.ts";
import type { Source } from "../../domain/conversation-memory.ts";

/** A source as stored in a memory and in the journal. */
export const sourceSchema: z.ZodType<Source> = z.object({
  conversation: z.custom<ConversationKey>(isConversationKey),
  message: z.string(),
  permalink: z.string().exactOptional(),
  revision: z.number().exactOptional(),
});
