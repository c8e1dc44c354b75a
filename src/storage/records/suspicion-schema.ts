import { z } from "zod";

import type { Suspicion } from "../../domain/suspicion.ts";

const suspicionSchema: z.ZodType<Suspicion> = z.object({
  cuts: z.number(),
  alone: z.number(),
  isAlone: z.literal(true).exactOptional(),
  isHeld: z.literal(true).exactOptional(),
});

/** A suspicion as stored beside the journal. Undefined for none, and if it can't be read. */
export function readSuspicion(stored: unknown): Suspicion | undefined {
  if (typeof stored !== "string" || stored === "") return undefined;
  try {
    return suspicionSchema.parse(JSON.parse(stored));
  } catch {
    return undefined;
  }
}
