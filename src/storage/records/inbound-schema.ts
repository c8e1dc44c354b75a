import { z } from "zod";

import { isConversationKey, type ConversationKey } from "../../domain/conversation.ts";
import type { AnyFields, FieldType } from "../../domain/inbound-facts.ts";
import type { Inbound } from "../../domain/inbound.ts";
import type { Author, Message } from "../../domain/message.ts";
import type { InboundFormat } from "../../ports/inbound-format.ts";
import { attachmentSchema } from "./attachment-schema.ts";
import type { Every } from "./every.ts";
import { replyAddressSchema } from "./reply-address-schema.ts";
import { sourceSchema } from "./source-schema.ts";
import { summarySchema } from "./summary-schema.ts";
import { turnRecordSchema } from "./turn-record-schema.ts";

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

const ofSomeKind = z.object({ kind: z.string() });
const downtime = z.object({ fromMs: z.number(), toMs: z.number() });

/** Reads an inbound's record. Undefined if it can't be read. */
export type ReadInbound = (record: string) => Inbound | undefined;

/** Reads the records of the kinds that the core names. Properties without a type are dropped. */
export function inboundReader({ fields }: InboundFormat): ReadInbound {
  const schemas = schemasOf(fields);
  const schema = z.preprocess(
    (value) => {
      const { kind } = ofSomeKind.parse(value);
      return schemas[kind]?.parse(value);
    },
    z.custom<Inbound>((value) => value !== undefined),
  );
  return (record) => {
    try {
      return schema.parse(JSON.parse(record));
    } catch {
      // The error is swallowed because it quotes what people wrote.
      return undefined;
    }
  };
}

function schemasOf(kinds: Readonly<Record<string, AnyFields>>): Readonly<Record<string, z.ZodType>> {
  const one = (kind: string): z.ZodType => z.lazy(() => schemas[kind] ?? z.never());
  const types: Readonly<Record<FieldType, z.ZodType>> = {
    text: z.string(),
    texts: z.array(z.string()),
    number: z.number(),
    count: z.int().nonnegative(),
    flag: z.literal(true),
    author,
    message: quotingMessage,
    attachments: z.array(attachmentSchema),
    addressing: z.enum(["mention", "direct", "reply", "others", "open"]),
    downtime,
    rights: z.array(z.enum(["read", "write", "moderate"])),
    replyAddress: replyAddressSchema,
    sources: z.array(sourceSchema),
    summary: summarySchema,
    turnRecord: turnRecordSchema,
    said: one("said"),
    command: one("commanded"),
    change: z.union([one("edited"), one("deleted")]),
  };
  const isType = (name: string): name is FieldType => Object.hasOwn(types, name);
  const property = (type: string): z.ZodType => {
    if (isType(type)) return types[type];
    const [name = ""] = type.split("?", 1);
    return isType(name) ? z.exactOptional(types[name]) : z.never();
  };
  const schemas: Record<string, z.ZodType> = {};
  for (const [kind, fields] of Object.entries(kinds)) {
    const own = Object.entries(fields).map(([name, type]) => [name, property(type)] as const);
    schemas[kind] = z.object({ ...base, kind: z.literal(kind), ...Object.fromEntries(own) });
  }
  return schemas;
}
