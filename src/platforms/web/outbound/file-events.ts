import { z } from "zod";

const id = z.string().min(1);

/**
 * Events that carry a file from its replica to the pages on others. Events may be lost; a missing part is requested
 * again.
 */
export const fileEventSchema = z.discriminatedUnion("kind", [
  /** A file exists. `text`: its content, if it has only one part. */
  z.object({
    kind: z.literal("offered"),
    user: id,
    conversation: z.string().regex(/^[\w-]{1,64}$/u),
    file: id,
    name: z.string(),
    mediaType: z.string(),
    parts: z.int().positive(),
    text: z.string().optional(),
  }),
  z.object({ kind: z.literal("wanted"), file: id, part: z.int().nonnegative() }),
  z.object({ kind: z.literal("brought"), file: id, part: z.int().nonnegative(), text: z.string() }),
]);

export type FileEvent = z.output<typeof fileEventSchema>;

export type FileOffer = Extract<FileEvent, { readonly kind: "offered" }>;
