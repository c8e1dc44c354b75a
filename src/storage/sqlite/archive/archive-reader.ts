import type { DatabaseSync } from "node:sqlite";

import type { ConversationKey } from "../../../domain/conversation.ts";
import type {
  DerivedReply,
  SearchResult,
  ArchivedMessage,
  ArchiveRange,
  ArchiveSearch,
  OldLocationsPage,
} from "../../../domain/archive.ts";
import type { MessageId, TurnId } from "../../../domain/message.ts";
import type { Archive } from "../../../ports/archive.ts";
import { locationsFrom, outlinesFrom, readRow } from "../../records/archive-row.ts";
import { verdictsFrom } from "../../records/feedback-row.ts";
import { parsePageCursor, oldLocationsPageFrom } from "../../records/old-locations-page.ts";
import { conversationReader } from "./conversation-reader.ts";
import { searchArchiveFile } from "./archive-search.ts";
import { readingStatements } from "./archive-statements.ts";
import type { AuthorErasure } from "./archive-writer.ts";

/** The queries of the archive, in the reading thread. */
export function archiveReader(database: DatabaseSync) {
  const statements = readingStatements(database);
  const { first, last, find, outlines, derived, verdicts, locationsOf, older } = statements;
  return {
    ...conversationReader(database),
    read: async (range: ArchiveRange): Promise<readonly ArchivedMessage[]> => {
      const { conversation, limit, fromOrdinal = 0, fromMs = 0 } = range;
      const { beforeOrdinal = Number.MAX_SAFE_INTEGER } = range;
      const rows = (range.end === "last" ? last : first).all(
        conversation,
        fromOrdinal,
        beforeOrdinal,
        fromMs,
        limit,
      );
      return messagesFrom(rows).toSorted((a, b) => a.ordinal - b.ordinal);
    },
    find: async ([conversation, message]: readonly [ConversationKey, MessageId]) =>
      messagesFrom(find.all(conversation, message))[0],
    findOutlines: async ([conversation, messages]: readonly [ConversationKey, readonly MessageId[]]) =>
      outlinesFrom(outlines.all(conversation, JSON.stringify(messages))),
    search: (search: ArchiveSearch): Promise<SearchResult> => searchArchiveFile(statements, search),
    places: async ([platform, limit]: readonly [string, number]): Promise<readonly string[]> =>
      statements.places.all(platform, limit).map(({ place }) => String(place)),
    derivedFrom: async ([conversation, messages]: readonly [ConversationKey, readonly MessageId[]]): Promise<
      readonly DerivedReply[]
    > => messagesFrom(derived.all(conversation, JSON.stringify(messages))).map(derivedOf),
    verdictsOf: async ([author, turns]: readonly [string, readonly TurnId[]]) =>
      verdictsFrom(verdicts.all(author, JSON.stringify(turns))),
    locationsOf: async ({ platform, author, beforeMs }: AuthorErasure) =>
      locationsFrom(locationsOf.all(platform, author, beforeMs)),
    olderThan: async ({
      beforeMs,
      limit,
      after,
    }: Parameters<Archive["olderThan"]>[0]): Promise<OldLocationsPage> =>
      oldLocationsPageFrom(older.all(beforeMs, ...parsePageCursor(after), limit), limit),
  };
}

function messagesFrom(rows: readonly Readonly<Record<string, unknown>>[]): readonly ArchivedMessage[] {
  return rows.flatMap((row) => readRow(row) ?? []);
}

function derivedOf({
  id,
  conversation,
  platform,
  place,
  revision,
  posts = [],
}: ArchivedMessage): DerivedReply {
  return { conversation, platform, place, message: id, revision, posts };
}
