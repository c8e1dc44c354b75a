import { z } from "zod";

import { isConversationKey, type ConversationKey } from "../../domain/conversation.ts";
import type { Approval } from "../../domain/approval.ts";
import type { Usage } from "../../domain/token-usage.ts";
import type { CitedMessage, ToolRound } from "../../domain/tool-round.ts";
import { postFileSchema } from "./post-file-schema.ts";

const usageSchema: z.ZodType<Usage> = z.object({
  promptTokens: z.number(),
  cachedTokens: z.number().exactOptional(),
  cacheWriteTokens: z.number().exactOptional(),
  replyTokens: z.number(),
  reasoningTokens: z.number().exactOptional(),
});

const citedSchema: z.ZodType<CitedMessage> = z.object({
  conversation: z.custom<ConversationKey>(isConversationKey),
  message: z.string(),
  permalink: z.string().exactOptional(),
  revision: z.number().exactOptional(),
  speaker: z.string(),
  saidAtMs: z.number(),
  text: z.string(),
});

const approvalSchema: z.ZodType<Approval> = z.object({
  id: z.string(),
  says: z.string(),
  person: z.string(),
  askedAtMs: z.number(),
  expiresAtMs: z.number(),
  wasShown: z.literal(true).exactOptional(),
  answer: z.enum(["approved", "declined", "withdrawn"]).exactOptional(),
});

/** A round of tool calls as stored in the journal. */
export const toolRoundSchema: z.ZodType<ToolRound> = z.object({
  text: z.string(),
  calls: z.array(
    z.object({
      call: z.object({ id: z.string(), name: z.string(), argument: z.string() }),
      approval: approvalSchema.exactOptional(),
      write: z.object({ key: z.string(), says: z.string() }).exactOptional(),
      result: z
        .object({
          text: z.string(),
          outcome: z.enum(["done", "failed", "refused", "unknown"]),
          durationMs: z.number(),
          cites: z.array(citedSchema).exactOptional(),
          files: z.array(postFileSchema).exactOptional(),
        })
        .exactOptional(),
    }),
  ),
  provider: z.array(z.unknown()).exactOptional(),
  usage: usageSchema.exactOptional(),
});
