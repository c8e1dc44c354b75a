import { z } from "zod";

import type { ReplyAddress } from "../../domain/reply-address.ts";

/** Where to answer, as it lies in the inbox, the journal and what is to be forgotten. */
export const replyAddressSchema: z.ZodType<ReplyAddress> = z.object({
  platform: z.string(),
  target: z.record(z.string(), z.string()),
  expiresAtMs: z.number().exactOptional(),
});
