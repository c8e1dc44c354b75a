import { z } from "zod";

import { isConversationKey, type ConversationKey } from "../../domain/conversation.ts";
import type { Turn } from "../../domain/turn.ts";

/** A running turn as it lies in the journal. */
export const turnSchema: z.ZodType<Turn> = z.object({
  id: z.string(),
  conversation: z.custom<ConversationKey>(isConversationKey),
  attempt: z.number(),
  covers: z.array(z.number()),
  replyTo: z.object({
    platform: z.string(),
    target: z.record(z.string(), z.string()),
    expiresAtMs: z.number().exactOptional(),
  }),
  posts: z.array(z.object({ part: z.number(), intendedAtMs: z.number(), id: z.string().exactOptional() })),
  draft: z.string().exactOptional(),
  answer: z.string().exactOptional(),
  answerRole: z.enum(["bot", "notice"]).exactOptional(),
});
