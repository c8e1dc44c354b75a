import { z } from "zod";

const id = z.string().min(1);

/** Announces a file to the replicas. Events may be lost. A file of one part comes with its text; others lie in the FileStore. */
export const fileEventSchema = z.object({
  user: id,
  conversation: z.string().regex(/^[\w-]{1,64}$/u),
  file: id,
  name: z.string(),
  mediaType: z.string(),
  content: z.union([z.object({ text: z.string() }), z.object({ hash: id, sizeBytes: z.int().positive() })]),
});

export type FileOffer = z.output<typeof fileEventSchema>;
