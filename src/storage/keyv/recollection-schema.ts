import { z } from "zod";

import { isConversationKey, type ConversationKey } from "../../domain/conversation.ts";
import type { Recollection } from "../../domain/recollection.ts";

const rememberedMessage = z.object({
  id: z.string(),
  author: z.object({ id: z.string(), name: z.string() }),
  text: z.string(),
  saidAtMs: z.number(),
  attachments: z.array(
    z.object({
      name: z.string(),
      mediaType: z.string().exactOptional(),
      sizeBytes: z.number().exactOptional(),
    }),
  ),
  permalink: z.string().exactOptional(),
  role: z.enum(["person", "bot", "notice"]),
  speaker: z.string(),
  tokens: z.int().nonnegative(),
  chapter: z.int().positive(),
  answers: z.array(z.string()),
});

/** A memory as it lies in the store. */
export const recollectionSchema: z.ZodType<Recollection> = z.object({
  version: z.literal(1),
  conversation: z.custom<ConversationKey>(isConversationKey),
  chapter: z.int().positive(),
  messages: z.array(rememberedMessage),
  leftOut: z.int().nonnegative(),
  speakers: z.array(z.object({ id: z.string(), label: z.string() })),
  lastTurn: z.string().exactOptional(),
});
