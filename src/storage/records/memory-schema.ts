import { z } from "zod";

import { isConversationKey, type ConversationKey } from "../../domain/conversation.ts";
import type { Erasure, ConversationMemory } from "../../domain/conversation-memory.ts";
import { sourceSchema } from "./source-schema.ts";
import { summarySchema } from "./summary-schema.ts";

const conversation = z.custom<ConversationKey>(isConversationKey);
const count = z.int().nonnegative();
const number = z.int().positive();

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
  attachments: z.array(
    z.object({
      name: z.string(),
      mediaType: z.string().exactOptional(),
      sizeBytes: z.number().exactOptional(),
    }),
  ),
  permalink: z.string().exactOptional(),
  role: z.enum(["person", "bot", "notice"]),
  speaker: z.string(),
  tokens: count,
  chapter: number,
  answers: z.array(z.string()),
});

const rememberedMessage = z.object({
  ...messageOfVersion1.shape,
  ordinal: number,
  revision: count,
  posts: z.array(z.string()).exactOptional(),
  isGivenUp: z.literal(true).exactOptional(),
  questions: z.array(z.string()).exactOptional(),
  sources: z.array(sourceSchema).exactOptional(),
  inReplyTo: z.string().exactOptional(),
});

const erasure: z.ZodType<Erasure> = z.discriminatedUnion("kind", [
  z.object({ revision: count, kind: z.literal("message"), message: z.string() }),
  z.object({ revision: count, kind: z.literal("author"), author: z.string(), beforeOrdinal: number }),
  z.object({ revision: count, kind: z.literal("all"), beforeOrdinal: number }),
]);

const closedChapter = z.object({
  since: number,
  summary: summarySchema.exactOptional(),
  windowFrom: number,
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

const erasing = z.object({
  by: z.string(),
  untilMs: z.number(),
  beforeOrdinal: number,
  speakers,
  closed: closedChapter,
  forgottenAtMs: z.number().exactOptional(),
});

const askedBack = z.object({ by: z.string(), name: z.string(), argument: z.string(), atMs: z.number() });

const moves = z.object({
  since: count,
  base: count,
  at: z.array(z.object({ base: count, from: number })),
});

const sharedFields = {
  conversation,
  chapter: number,
  leftOut: count,
  speakers,
};

const version1 = z.object({
  version: z.literal(1),
  ...sharedFields,
  messages: z.array(messageOfVersion1),
});

const version2 = z.object({
  version: z.literal(2),
  ...sharedFields,
  platform: z.string(),
  place: z.string(),
  revision: count,
  base: count,
  moves: moves.exactOptional(),
  since: number,
  nextOrdinal: number,
  messages: z.array(rememberedMessage),
  windowFrom: number,
  summary: summarySchema.exactOptional(),
  erasures: z.array(erasure),
  edits: z.array(z.object({ revision: count, message: z.string(), text: z.string() })),
  closed: closedChapter.exactOptional(),
  erasing: erasing.exactOptional(),
  // Early data of this format have one for all people.
  asked: z.union([z.array(askedBack), askedBack.transform((one) => [one])]).exactOptional(),
  titledBy: z.string().exactOptional(),
  titledFrom: z.array(z.string()).exactOptional(),
  seededAtMs: z.number().exactOptional(),
  unseeded: z.object({ before: z.string().exactOptional(), tries: z.number() }).exactOptional(),
  forgottenAtMs: z.number().exactOptional(),
});

/** A memory as it lies in the store; one of an older version is read as the newest. */
export const memorySchema: z.ZodType<ConversationMemory> = z
  .discriminatedUnion("version", [version2, version1])
  .transform((record) => (record.version === 1 ? upgraded(record) : record));

function upgraded(record: z.infer<typeof version1>): ConversationMemory {
  // Their revision is that of the first write in the new form: the ledger has heard of none of them.
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
