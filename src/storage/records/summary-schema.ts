import { z } from "zod";

import type { Summary } from "../../domain/summary.ts";

const ordinal = z.int().positive();

const citation = z.object({
  message: z.string(),
  ordinal,
  saidAtMs: z.number(),
  speaker: z.string().exactOptional(),
  permalink: z.string().exactOptional(),
});

const line = z.object({
  text: z.string(),
  cites: z.array(citation).min(1),
  tokens: z.int().nonnegative(),
  isPinned: z.literal(true).exactOptional(),
});

/** A summary as stored in a memory and in the inbox. */
export const summarySchema: z.ZodType<Summary> = z.object({
  lines: z.array(line),
  upTo: ordinal,
  dropped: z.int().nonnegative(),
  madeAtMs: z.number(),
  unwanted: z.array(ordinal).exactOptional(),
  isStale: z.literal(true).exactOptional(),
});
