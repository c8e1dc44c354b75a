import { z } from "zod";

const id = z.string().min(1);

/**
 * How a file gets from the replica that has it to the pages of a person, wherever their sockets hang. Any of it may be
 * lost on the way: who misses a part asks for it again.
 */
export const fileEventSchema = z.discriminatedUnion("kind", [
  /** There is one. With its text where it has but one part. */
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
