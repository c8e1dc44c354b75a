import { z } from "zod";

import { conversationKey } from "../../domain/conversation.ts";
import type {
  DerivedReply,
  ConversationLocation,
  ArchivedMessage,
  ArchivedOutline,
} from "../../domain/archive.ts";
import { attachmentSchema } from "./attachment-schema.ts";
import { sourceSchema } from "./source-schema.ts";

type Row = Readonly<Record<string, unknown>>;

const role = z.enum(["person", "bot", "notice"]);
const texts = z.array(z.string());
const sources = z.array(sourceSchema);
const attachments = z.array(attachmentSchema);

/** The conversations that the rows of a query name. */
export function locationsFrom(rows: readonly Row[]): readonly ConversationLocation[] {
  return rows.map((row) => ({
    conversation: conversationKey(row["conversation"]),
    platform: String(row["platform"]),
    place: String(row["place"]),
  }));
}

/** The outlines of messages that the rows of a query name. */
export function outlinesFrom(rows: readonly Row[]): readonly ArchivedOutline[] {
  return rows.map(({ id, ordinal, author_id: author }) => ({
    id: String(id),
    ordinal: Number(ordinal),
    author: { id: String(author) },
  }));
}

/** The replies that the rows of a query name, with their posts. */
export function derivedFrom(rows: readonly Row[]): readonly DerivedReply[] {
  return rows.map(({ conversation, platform, place, id, revision, posts }) => ({
    conversation: conversationKey(conversation),
    platform: String(platform),
    place: String(place),
    message: String(id),
    revision: Number(revision),
    posts: posts === null ? [] : texts.parse(parseJson(posts)),
  }));
}

/** A row of the archive's table `message`. Undefined if it can't be parseJson. */
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
      attachments: attachments.parse(parseJson(row["attachments"])),
      answers: texts.parse(parseJson(row["answers"])),
      ...(typeof permalink === "string" ? { permalink } : {}),
      ...(typeof posts === "string" ? { posts: texts.parse(parseJson(posts)) } : {}),
      ...(typeof row["turn_id"] === "string" ? { turnId: row["turn_id"] } : {}),
      ...(row["is_given_up"] === 1 ? { isGivenUp: true } : {}),
      ...(typeof row["sources"] === "string" ? { sources: sources.parse(parseJson(row["sources"])) } : {}),
    };
  } catch {
    return undefined;
  }
}

function parseJson(json: unknown): unknown {
  return JSON.parse(String(json));
}
