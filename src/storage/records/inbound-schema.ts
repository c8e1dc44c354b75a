import { z } from "zod";

import { isConversationKey, type ConversationKey } from "../../domain/conversation.ts";
import type { CommandInbound, Deleted, Edited, Inbound, Said } from "../../domain/inbound.ts";
import type { Author, Message } from "../../domain/message.ts";
import { attachmentSchema } from "./attachment-schema.ts";
import type { Every } from "./every.ts";
import { replyAddressSchema } from "./reply-address-schema.ts";
import { sourceSchema } from "./source-schema.ts";
import { summarySchema } from "./summary-schema.ts";

const author = z.object({
  id: z.string(),
  name: z.string(),
  isApp: z.literal(true).exactOptional(),
  timeZone: z.string().exactOptional(),
} satisfies Every<Author>);
const message = z.object({
  id: z.string(),
  author,
  text: z.string(),
  saidAtMs: z.number(),
  attachments: z.array(attachmentSchema),
  permalink: z.string().exactOptional(),
  inReplyTo: z.string().exactOptional(),
} satisfies Every<Omit<Message, "quoted">>);
const quotingMessage = z.object({ ...message.shape, quoted: message.exactOptional() });
const base = {
  conversation: z.custom<ConversationKey>(isConversationKey),
  dedupeId: z.string(),
  platform: z.string(),
  place: z.string(),
};

const commanded = z.object({
  ...base,
  kind: z.literal("commanded"),
  name: z.string(),
  argument: z.string(),
  by: author,
  saidAtMs: z.number(),
  message: z.string().exactOptional(),
  rights: z.array(z.enum(["read", "write", "moderate"])).exactOptional(),
  replyTo: replyAddressSchema,
} satisfies Every<CommandInbound>);

const said = z.object({
  ...base,
  kind: z.literal("said"),
  message: quotingMessage,
  addressing: z.enum(["mention", "direct", "reply", "others", "open"]),
  replyTo: replyAddressSchema,
  missed: z.object({ fromMs: z.number(), toMs: z.number() }).exactOptional(),
  mayCall: z.literal(true).exactOptional(),
} satisfies Every<Said>);

const edited = z.object({
  ...base,
  kind: z.literal("edited"),
  message: z.string(),
  text: z.string(),
  replyTo: replyAddressSchema.exactOptional(),
  call: said.exactOptional(),
  isNewCall: z.literal(true).exactOptional(),
  isByApp: z.literal(true).exactOptional(),
} satisfies Every<Edited>);

const deleted = z.object({
  ...base,
  kind: z.literal("deleted"),
  message: z.string(),
  replyTo: replyAddressSchema.exactOptional(),
} satisfies Every<Deleted>);

/** An inbound as stored in the inbox. */
const inboundSchema: z.ZodType<Inbound> = z.discriminatedUnion("kind", [
  said,
  edited,
  z.object({
    ...base,
    kind: z.literal("unplaced"),
    message: z.string(),
    change: z.discriminatedUnion("kind", [edited, deleted]),
  }),
  z.object({ ...base, kind: z.literal("delegated"), command: commanded, chapter: z.number() }),
  z.object({
    ...base,
    kind: z.literal("announced"),
    message: z.string(),
    text: z.string(),
    posts: z.array(z.string()),
    sources: z.array(sourceSchema),
    atMs: z.number(),
  }),
  z.object({
    ...base,
    kind: z.literal("reasked"),
    message: z.string(),
    author,
    reply: z.string(),
    posts: z.array(z.string()),
    answers: z.array(z.string()),
    replyTo: replyAddressSchema,
  }),
  deleted,
  commanded,
  z.object({ ...base, kind: z.literal("stopped") }),
  z.object({ ...base, kind: z.literal("erased") }),
  z.object({
    ...base,
    kind: z.literal("retracted"),
    message: z.string(),
    posts: z.array(z.string()),
    staysShown: z.literal(true).exactOptional(),
  }),
  z.object({
    ...base,
    kind: z.literal("forgot"),
    forgetting: z.string(),
    author: z.string(),
    beforeMs: z.number(),
  }),
  z.object({ ...base, kind: z.literal("expired"), beforeMs: z.number() }),
  z.object({ ...base, kind: z.literal("lapsed"), beforeOrdinal: z.int().positive() }),
  z.object({ ...base, kind: z.literal("filed"), isBehind: z.literal(true).exactOptional() }),
  z.object({ ...base, kind: z.literal("folded"), base: z.int().nonnegative(), summary: summarySchema }),
  z.object({
    ...base,
    kind: z.literal("titled"),
    from: z.array(z.string()),
    revision: z.int().nonnegative(),
    title: z.string().exactOptional(),
  }),
]);

/** Undefined if it can't be read. The error is swallowed because it quotes what people wrote. */
export function readInbound(record: string): Inbound | undefined {
  try {
    return inboundSchema.parse(JSON.parse(record));
  } catch {
    return undefined;
  }
}
