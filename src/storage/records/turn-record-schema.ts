import { z } from "zod";

import { isConversationKey, type ConversationKey } from "../../domain/conversation.ts";
import type { AnswerAccount, TurnRecord } from "../../domain/turn-record.ts";

const contents = z.object({
  from: z.number(),
  to: z.number(),
  messages: z.number(),
  revision: z.number(),
  summary: z.object({ madeAtMs: z.number(), lines: z.number() }).exactOptional(),
});

const usage = z.object({
  promptTokens: z.number(),
  cachedTokens: z.number().exactOptional(),
  cacheWriteTokens: z.number().exactOptional(),
  replyTokens: z.number(),
  reasoningTokens: z.number().exactOptional(),
});

const work = z.object({
  model: z.string(),
  calls: z.number(),
  prompt: contents.exactOptional(),
  usage: usage.exactOptional(),
  startedAtMs: z.number(),
  firstTextAtMs: z.number().exactOptional(),
  endedAtMs: z.number(),
});

const account = z.object({
  outcome: z.enum(["answered", "stopped", "late", "declined", "limited", "failed", "given-up"]),
  failure: z.string().exactOptional(),
  work: work.exactOptional(),
  steps: z.array(
    z.object({
      tool: z.string(),
      outcome: z.enum(["done", "failed", "refused", "unknown"]),
      durationMs: z.number(),
      resultChars: z.number(),
    }),
  ),
});

/** How an answer came about, as stored in the journal. */
export const accountSchema: z.ZodType<AnswerAccount> = account;

/** A turn record, as stored in memory and in the archive. */
export const turnRecordSchema: z.ZodType<TurnRecord> = z.object({
  ...account.shape,
  id: z.string(),
  conversation: z.custom<ConversationKey>(isConversationKey),
  platform: z.string(),
  place: z.string(),
  author: z.string().exactOptional(),
  purpose: z.enum(["answer", "command", "summary", "title", "description"]),
  command: z.string().exactOptional(),
  trigger: z.string().exactOptional(),
  covers: z.array(z.string()),
  replyId: z.string().exactOptional(),
  replaces: z.string().exactOptional(),
  ordinal: z.number(),
  revision: z.number(),
  settingsVersion: z.string(),
  attempt: z.number(),
  askedAtMs: z.number().exactOptional(),
  finishedAtMs: z.number(),
});
