import { z } from "zod";

import type { PostFile } from "../../domain/post.ts";
import { imageSchema } from "./attachment-schema.ts";
import type { Every } from "./every.ts";

/** A file of a post as stored in the journal, and in inboxes. */
export const postFileSchema = z.object({
  name: z.string(),
  mediaType: z.string(),
  description: z.string().exactOptional(),
  image: imageSchema.exactOptional(),
  content: z.union([z.string(), z.object({ hash: z.string(), sizeBytes: z.number() })]),
} satisfies Every<PostFile>);
