import { z } from "zod";

import { conversationKey } from "../../domain/conversation.ts";
import type { Derived, ConversationLocation, ArchivedMessage } from "../../domain/archive.ts";
import { sourceSchema } from "./source-schema.ts";

type Row = Readonly<Record<string, unknown>>;

const role = z.enum(["person", "bot", "notice"]);
const texts = z.array(z.string());
const sources = z.array(sourceSchema);
const attachments = z.array(
  z.object({
    name: z.string(),
    mediaType: z.string().exactOptional(),
    sizeBytes: z.number().exactOptional(),
  }),
);

/** The conversations that a query names. */
export function locationsFrom(rows: readonly Row[]): readonly ConversationLocation[] {
  return rows.map((row) => ({
    conversation: conversationKey(row["conversation"]),
    platform: String(row["platform"]),
    place: String(row["place"]),
  }));
}

/** Replies that a query names, with their posts. */
export function derivedFrom(rows: readonly Row[]): readonly Derived[] {
  return rows.map(({ conversation, platform, place, id, posts }) => ({
    conversation: conversationKey(conversation),
    platform: String(platform),
    place: String(place),
    message: String(id),
    posts: posts === null ? [] : texts.parse(read(posts)),
  }));
}

/** A row of the archive's table `message`. Undefined for one that can't be read. */
export function readRow(row: Row): ArchivedMessage | undefined {
  try {
    const { permalink, posts } = row;
    return {
      conversation: conversationKey(row["conversation"]),
      id: String(row["id"]),
      platform: String(row["platform"]),
      place: String(row["place"]),
      ordinal: Number(row["ordinal"]),
      revision: Number(row["revision"]),
      chapter: Number(row["chapter"]),
      role: role.parse(row["role"]),
      author: {
        id: String(row["author_id"]),
        name: String(row["author_name"]),
        ...(row["is_app"] === 1 ? { isApp: true } : {}),
      },
      speaker: String(row["speaker"]),
      text: String(row["text"]),
      saidAtMs: Number(row["said_at_ms"]),
      attachments: attachments.parse(read(row["attachments"])),
      answers: texts.parse(read(row["answers"])),
      ...(typeof permalink === "string" ? { permalink } : {}),
      ...(typeof posts === "string" ? { posts: texts.parse(read(posts)) } : {}),
      ...(row["is_given_up"] === 1 ? { isGivenUp: true } : {}),
      ...(typeof row["sources"] === "string" ? { sources: sources.parse(read(row["sources"])) } : {}),
    };
  } catch {
    return undefined;
  }
}

function read(json: unknown): unknown {
  return JSON.parse(String(json));
}
