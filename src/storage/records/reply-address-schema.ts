import { z } from "zod";

import type { ReplyAddress } from "../../domain/reply-address.ts";

/** A reply address as stored in the inbox, the journal and the erasure requests. */
export const replyAddressSchema: z.ZodType<ReplyAddress> = z.object({
  platform: z.string(),
  /** Missing in records of earlier versions. */
  installation: z.string().exactOptional(),
  target: z.record(z.string(), z.string()),
  expiresAtMs: z.number().exactOptional(),
});
