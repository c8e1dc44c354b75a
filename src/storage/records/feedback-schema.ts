import { z } from "zod";

import type { Feedback } from "../../domain/feedback.ts";

/** Feedback as stored in memory. */
export const feedbackSchema: z.ZodType<Feedback> = z.object({
  turn: z.string(),
  author: z.string(),
  verdict: z.enum(["up", "down"]),
  reason: z.string().exactOptional(),
  atMs: z.number(),
  revision: z.int().nonnegative(),
});
