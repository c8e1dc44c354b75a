import { z } from "zod";

import { imageTypes, type ImageFacts } from "../../domain/image.ts";
import type { FileRef } from "../../domain/file-ref.ts";
import type { Attachment } from "../../domain/message.ts";
import { whyUnread, type WhyUnread } from "../../domain/unread-file.ts";
import type { Every } from "./every.ts";

const fileRef = z.object({
  platform: z.string(),
  installation: z.string().exactOptional(),
  id: z.string(),
} satisfies Every<FileRef>);

/** An image as stored with its file. */
export const imageSchema = z.object({
  mediaType: z.enum(imageTypes),
  width: z.int().positive(),
  height: z.int().positive(),
} satisfies Every<ImageFacts>);

const reason = z.custom<WhyUnread>((value) => typeof value === "string" && Object.hasOwn(whyUnread, value));

/** An attachment as stored with its message, in inboxes, working memory and the archive. */
export const attachmentSchema = z.object({
  name: z.string(),
  mediaType: z.string().exactOptional(),
  sizeBytes: z.number().exactOptional(),
  ref: fileRef.exactOptional(),
  isCut: z.literal(true).exactOptional(),
  isShown: z.literal(true).exactOptional(),
  textChars: z.int().positive().exactOptional(),
  unread: reason.exactOptional(),
  image: imageSchema.exactOptional(),
  undescribed: z.int().positive().exactOptional(),
  isSpeech: z.literal(true).exactOptional(),
  tokens: z.int().nonnegative().exactOptional(),
} satisfies Every<Attachment>);
