import { z } from "zod";

import type { PendingConfirmation } from "../../domain/conversation-memory.ts";

const confirmationSchema: z.ZodType<PendingConfirmation> = z.object({
  by: z.string(),
  name: z.string(),
  argument: z.string(),
  atMs: z.number(),
});

/** Undefined if there is none, or it can't be read: the person then gives the command again. */
export function readConfirmation(record: unknown): PendingConfirmation | undefined {
  if (typeof record !== "string" || record === "") return undefined;
  try {
    return confirmationSchema.parse(JSON.parse(record));
  } catch {
    return undefined;
  }
}
