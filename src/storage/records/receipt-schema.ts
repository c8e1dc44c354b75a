import { z } from "zod";

import { isConversationKey, type ConversationKey } from "../../domain/conversation.ts";
import type { Receipt } from "../../ports/erasure-requests.ts";
import { StoreError } from "../../ports/store-error.ts";
import { replyAddressSchema } from "./reply-address-schema.ts";

const receiptSchema: z.ZodType<Receipt> = z.object({
  conversation: z.custom<ConversationKey>(isConversationKey),
  replyTo: replyAddressSchema,
  owed: z.object({ text: z.string(), sinceMs: z.number() }).exactOptional(),
});

/** @throws {StoreError} if it can't be read; the error quotes nothing of it. */
export function readReceipt(record: unknown): Receipt {
  try {
    return receiptSchema.parse(JSON.parse(String(record)));
  } catch {
    throw new StoreError("The address of a receipt can't be read");
  }
}
