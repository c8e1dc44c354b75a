import { z } from "zod";

import { isConversationKey, type ConversationKey } from "../../domain/conversation.ts";
import type { Inbound } from "../../domain/inbound.ts";

const author = z.object({ id: z.string(), name: z.string() });
const replyTo = z.object({
  platform: z.string(),
  target: z.record(z.string(), z.string()),
  expiresAtMs: z.number().exactOptional(),
});
const attachment = z.object({
  name: z.string(),
  mediaType: z.string().exactOptional(),
  sizeBytes: z.number().exactOptional(),
});
const message = z.object({
  id: z.string(),
  author,
  text: z.string(),
  saidAtMs: z.number(),
  attachments: z.array(attachment),
  permalink: z.string().exactOptional(),
});
const base = {
  conversation: z.custom<ConversationKey>(isConversationKey),
  dedupeId: z.string(),
  platform: z.string(),
  place: z.string(),
};

/** An Inbound as it lies in the inbox. */
export const inboundSchema: z.ZodType<Inbound> = z.discriminatedUnion("kind", [
  z.object({
    ...base,
    kind: z.literal("said"),
    message,
    addressing: z.enum(["mention", "direct", "reply", "others", "open"]),
    replyTo,
  }),
  z.object({ ...base, kind: z.literal("edited"), message: z.string(), text: z.string() }),
  z.object({ ...base, kind: z.literal("deleted"), message: z.string() }),
  z.object({
    ...base,
    kind: z.literal("commanded"),
    name: z.string(),
    argument: z.string(),
    by: author,
    saidAtMs: z.number(),
    replyTo,
  }),
  z.object({ ...base, kind: z.literal("stopped") }),
  z.object({ ...base, kind: z.literal("erased") }),
]);
