import { z } from "zod";

import { isConversationKey, type ConversationKey } from "../../domain/conversation.ts";
import type { Erasure, ConversationMemory } from "../../domain/conversation-memory.ts";
import { attachmentSchema } from "./attachment-schema.ts";
import { feedbackSchema } from "./feedback-schema.ts";
import { sourceSchema } from "./source-schema.ts";
import { summarySchema } from "./summary-schema.ts";
import { turnRecordSchema } from "./turn-record-schema.ts";

const conversation = z.custom<ConversationKey>(isConversationKey);
const nonNegative = z.int().nonnegative();
const positive = z.int().positive();

const messageOfVersion1 = z.object({
  id: z.string(),
  author: z.object({
    id: z.string(),
    name: z.string(),
    isApp: z.literal(true).exactOptional(),
    timeZone: z.string().exactOptional(),
  }),
  text: z.string(),
  saidAtMs: z.number(),
  attachments: z.array(attachmentSchema),
  permalink: z.string().exactOptional(),
  role: z.enum(["person", "bot", "notice"]),
  speaker: z.string(),
  tokens: nonNegative,
  chapter: positive,
  answers: z.array(z.string()),
});

/** A remembered message as stored. */
export const rememberedMessage = z.object({
  ...messageOfVersion1.shape,
  ordinal: positive,
  revision: nonNegative,
  posts: z.array(z.string()).exactOptional(),
  isGivenUp: z.literal(true).exactOptional(),
  questions: z.array(z.string()).exactOptional(),
  sources: z.array(sourceSchema).exactOptional(),
  inReplyTo: z.string().exactOptional(),
  turnId: z.string().exactOptional(),
});

const erasure: z.ZodType<Erasure> = z.discriminatedUnion("kind", [
  z.object({ revision: nonNegative, kind: z.literal("message"), message: z.string() }),
  z.object({
    revision: nonNegative,
    kind: z.literal("author"),
    author: z.string(),
    beforeOrdinal: positive,
    beforeMs: z.number().exactOptional(),
  }),
  z.object({
    revision: nonNegative,
    kind: z.literal("all"),
    beforeOrdinal: positive,
    beforeMs: z.number().exactOptional(),
  }),
]);

/** See ClosedChapter. */
export const closedChapter = z.object({
  since: positive,
  summary: summarySchema.exactOptional(),
  windowFrom: positive,
  closedAtMs: z.number(),
});

const speakers = z.array(
  z.object({
    id: z.string(),
    label: z.string(),
    lastAtMs: z.number().exactOptional(),
    isApp: z.literal(true).exactOptional(),
    isQuoted: z.literal(true).exactOptional(),
    timeZone: z.string().exactOptional(),
  }),
);

/** See Erasing. */
export const erasing = z.object({
  by: z.string(),
  untilMs: z.number(),
  beforeOrdinal: positive,
  speakers,
  closed: closedChapter,
  forgottenAtMs: z.number().exactOptional(),
});

const undone = z.object({
  resets: z.array(z.number()),
  erasures: z.object({ afterMs: z.number(), untilMs: z.number() }).exactOptional(),
});

const askedBack = z.object({ by: z.string(), name: z.string(), argument: z.string(), atMs: z.number() });

const moves = z.object({
  since: nonNegative,
  base: nonNegative,
  at: z.array(z.object({ base: nonNegative, from: positive })),
});

const sharedFields = {
  conversation,
  chapter: positive,
  leftOut: nonNegative,
  speakers,
};

const version1 = z.object({
  version: z.literal(1),
  ...sharedFields,
  messages: z.array(messageOfVersion1),
});

/** A memory in one record, as it was stored until format 3. */
export const version2 = z.object({
  version: z.literal(2),
  ...sharedFields,
  platform: z.string(),
  place: z.string(),
  revision: nonNegative,
  base: nonNegative,
  moves: moves.exactOptional(),
  since: positive,
  nextOrdinal: positive,
  messages: z.array(rememberedMessage),
  windowFrom: positive,
  summary: summarySchema.exactOptional(),
  erasures: z.array(erasure),
  edits: z.array(
    z.object({
      revision: nonNegative,
      message: z.string(),
      text: z.string(),
      attachments: z.array(attachmentSchema).exactOptional(),
    }),
  ),
  descriptions: z
    .array(z.object({ revision: nonNegative, message: z.string(), file: z.string(), text: z.string() }))
    .exactOptional(),
  records: z.array(turnRecordSchema).exactOptional(),
  feedback: z.array(feedbackSchema).exactOptional(),
  closed: closedChapter.exactOptional(),
  erasing: erasing.exactOptional(),
  undone: undone.exactOptional(),
  uncompared: nonNegative.exactOptional(),
  // Early data of this format has one object for all people.
  asked: z.union([z.array(askedBack), askedBack.transform((one) => [one])]).exactOptional(),
  muted: z
    .object({
      told: z.array(z.object({ by: z.string(), atMs: z.number() })),
      reactions: z
        .array(z.object({ by: z.string(), message: z.string(), atMs: z.number().exactOptional() }))
        .exactOptional(),
    })
    .exactOptional(),
  unmuted: z
    .array(
      z.object({
        by: z.string().exactOptional(),
        message: z.string().exactOptional(),
        atMs: z.number(),
      }),
    )
    .exactOptional(),
  titledBy: z.string().exactOptional(),
  titledFrom: z.array(z.string()).exactOptional(),
  seededAtMs: z.number().exactOptional(),
  unseeded: z.object({ before: z.string().exactOptional(), tries: z.number() }).exactOptional(),
  forgottenAtMs: z.number().exactOptional(),
});

/** A conversation memory as stored. Older versions are upgraded when read. */
export const memorySchema: z.ZodType<ConversationMemory> = z
  .discriminatedUnion("version", [version2, version1])
  .transform((record) => (record.version === 1 ? upgraded(record) : record));

function upgraded(record: z.infer<typeof version1>): ConversationMemory {
  // Revision 1 is the first write in the new form, so the archive has none of these messages yet.
  const messages = record.messages.map((message, index) => ({ ...message, ordinal: index + 1, revision: 1 }));
  const nextOrdinal = messages.length + 1;
  return {
    ...record,
    version: 2,
    platform: "",
    place: "",
    revision: 0,
    base: 0,
    since: record.chapter,
    nextOrdinal,
    messages,
    windowFrom: messages.find(({ chapter }) => chapter === record.chapter)?.ordinal ?? nextOrdinal,
    erasures: [],
    edits: [],
  };
}
