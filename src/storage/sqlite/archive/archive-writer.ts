import { conversationKey, type ConversationKey } from "../../../domain/conversation.ts";
import type { SyncBatch, ErasureCounts } from "../../../domain/archive.ts";
import type { MessageId } from "../../../domain/message.ts";
import type { Erasure, RememberedMessage } from "../../../domain/conversation-memory.ts";

import type { WritingStatements } from "./archive-statements.ts";
import { locationOf, indexedWords, type WordLocation } from "./archive-words.ts";

/** The erasure of one author's messages from before a time. */
export interface AuthorErasure {
  readonly platform: string;
  readonly author: string;
  readonly beforeMs: number;
}

/** The text of a stored message whose words are not in the index yet. */
export interface UnindexedText {
  readonly row: number;
  readonly text: string;
  readonly location: WordLocation;
}

/**
 * The outcome of an insert. `refused`: below an erasure of the whole conversation. `forgotten`: before its author's
 * erasure cutoff. `settled`: stored or already erased.
 */
export type InsertOutcome = "settled" | "refused" | "forgotten";

/**
 * Changes the archive within the caller's transaction. Tombstones and bounds only grow, and a text is only replaced
 * by a newer one. So the order of changes doesn't matter.
 */
export class ArchiveWriter {
  readonly #statements: WritingStatements;

  constructor(statements: WritingStatements) {
    this.#statements = statements;
  }

  /** Inserts or updates a message, unless it is erased. */
  insert(batch: SyncBatch, message: RememberedMessage): InsertOutcome {
    const { conversation, platform } = batch;
    const { id, role, author, ordinal, saidAtMs } = message;
    const { isOfErasedAuthor, isRefused } = this.#statements;
    const bounds = [conversation, platform, author.id, ordinal, saidAtMs];
    // The replies to it need this tombstone.
    const gone = role === "person" ? isOfErasedAuthor.get(...bounds) : undefined;
    if (gone !== undefined) this.#addTombstone(conversation, id, { byAuthor: true });
    if (gone?.["why"] === "forgotten") return "forgotten";
    const refusal = isRefused.get(conversation, id, ordinal, saidAtMs);
    if (refusal !== undefined) return refusal["why"] === "erased" ? "refused" : "settled";
    if (role !== "person" && this.#answersNothing(conversation, message))
      this.#addTombstone(conversation, id);
    else for (const added of this.add(batch, message)) this.index(added);
    return "settled";
  }

  /** Whether a message is not known yet, and `insert` would just store it. */
  isNew({ conversation, platform }: SyncBatch, message: RememberedMessage): boolean {
    const { id, role, author, ordinal, saidAtMs } = message;
    const { isKnown, isOfErasedAuthor, isRefused } = this.#statements;
    if (isKnown.get(conversation, id) !== undefined) return false;
    if (isRefused.get(conversation, id, ordinal, saidAtMs) !== undefined) return false;
    return role === "person"
      ? isOfErasedAuthor.get(conversation, platform, author.id, ordinal, saidAtMs) === undefined
      : !this.#answersNothing(conversation, message);
  }

  /**
   * Stores the bound and removes at max `max` messages, from an ordinal on. Returns the ordinal to continue from;
   * undefined when done.
   */
  erase(
    conversation: ConversationKey,
    erasure: Erasure,
    { max, from }: { readonly max: number; readonly from: number },
  ): number | undefined {
    const { eraseBefore, erase, eraseAuthorBefore, byAuthorIn } = this.#statements;
    switch (erasure.kind) {
      case "message":
        this.#addTombstone(conversation, erasure.message);
        return undefined;
      case "all":
        eraseBefore.run(conversation, erasure.beforeOrdinal);
        return erase.run(conversation, erasure.beforeOrdinal, max).changes === max ? from : undefined;
      case "author": {
        const { author, beforeOrdinal } = erasure;
        eraseAuthorBefore.run(conversation, author, beforeOrdinal);
        const ofAuthor = byAuthorIn.all(conversation, author, from, beforeOrdinal, max);
        this.#addTombstonesOf(ofAuthor);
        return ofAuthor.length === max ? Number(ofAuthor.at(-1)?.["ordinal"]) : undefined;
      }
    }
  }

  /** Whether at min `min` messages will be removed. */
  isBulk(conversation: ConversationKey, erasure: Erasure, min: number): boolean {
    const { countBefore, countByAuthorIn } = this.#statements;
    if (erasure.kind === "message") return false;
    const { beforeOrdinal } = erasure;
    const row =
      erasure.kind === "all"
        ? countBefore.get(conversation, beforeOrdinal, min)
        : countByAuthorIn.get(conversation, erasure.author, beforeOrdinal, min);
    return row?.["count"] === min;
  }

  isBulkOfAuthor({ platform, author, beforeMs }: AuthorErasure, min: number): boolean {
    return this.#statements.countByAuthor.get(platform, author, beforeMs, min)?.["count"] === min;
  }

  isBulkOfAge(beforeMs: number, min: number): boolean {
    return this.#statements.countOld.get(beforeMs, min)?.["count"] === min;
  }

  /** Only stores the bound. */
  refuseAuthor({ platform, author, beforeMs }: AuthorErasure): void {
    this.#statements.forgetBefore.run(platform, author, beforeMs);
  }

  /** Like `erase`, on a whole platform. */
  forgetAuthor(erasure: AuthorErasure, max: number): ErasureCounts {
    const { platform, author, beforeMs } = erasure;
    const { byAuthor } = this.#statements;
    this.refuseAuthor(erasure);
    return this.#addTombstonesOf(byAuthor.all(platform, author, beforeMs, max));
  }

  /** Like `erase`, for expired messages, without tombstones. Returns how many were removed. */
  expire(beforeMs: number, max: number): number {
    this.#statements.expireBefore.run(beforeMs);
    return Number(this.#statements.expire.run(beforeMs, max).changes);
  }

  /**
   * Drops tombstones and bounds for messages so old that the retention refuses them anyway. Returns how many
   * tombstones were removed.
   */
  expireBounds(beforeMs: number, max: number): number {
    const { expireTombstones, expireErased, expireErasedAuthors, expireForgotten } = this.#statements;
    for (const statement of [expireErased, expireErasedAuthors, expireForgotten]) statement.run(beforeMs);
    return Number(expireTombstones.run(beforeMs, max).changes);
  }

  /** Includes our replies to them. */
  #addTombstonesOf(rows: readonly Readonly<Record<string, unknown>>[]): ErasureCounts {
    const conversations = new Set<ConversationKey>();
    let gone = 0;
    for (const row of rows) {
      const conversation = conversationKey(row["conversation"]);
      conversations.add(conversation);
      gone += this.#addTombstone(conversation, String(row["id"]), { byAuthor: true });
    }
    return { messages: rows.length, replies: gone - rows.length, conversations: [...conversations] };
  }

  /**
   * Adds a tombstone whether the message exists or not, and for our replies that then answer nothing. Returns how
   * many rows were removed.
   */
  #addTombstone(conversation: ConversationKey, id: MessageId, { byAuthor = false } = {}): number {
    const { addTombstone, remove, answersGone } = this.#statements;
    addTombstone.run(conversation, id, byAuthor ? 1 : 0);
    let gone = Number(remove.run(conversation, id).changes);
    for (const { id: reply } of answersGone.all(conversation, id))
      gone += this.#addTombstone(conversation, String(reply));
    return gone;
  }

  #answersNothing(conversation: ConversationKey, { answers }: RememberedMessage): boolean {
    if (answers.length === 0) return false;
    return this.#statements.answersNothing.get(conversation, JSON.stringify(answers)) !== undefined;
  }

  /** Stores a message that may be stored, unless a newer revision of it is. Returns what has to be indexed in the same transaction. */
  add(batch: SyncBatch, message: RememberedMessage): readonly UnindexedText[] {
    const { conversation, platform, place } = batch;
    const { id, role, text, answers, sources = [] } = message;
    const kept = this.#statements.keep.get(
      conversation,
      id,
      platform,
      place,
      message.ordinal,
      message.revision,
      message.chapter,
      role,
      message.author.id,
      message.author.name,
      message.speaker,
      text,
      message.saidAtMs,
      message.permalink ?? null,
      JSON.stringify(message.attachments),
      JSON.stringify(answers),
      message.posts === undefined ? null : JSON.stringify(message.posts),
      message.sources === undefined ? null : JSON.stringify(message.sources),
      message.isGivenUp === true ? 1 : null,
      message.author.isApp === true ? 1 : null,
      message.turnId ?? null,
    );
    if (kept === undefined) return [];
    const row = Number(kept["row"]);
    for (const answered of answers) this.#statements.restsOn.run(row, conversation, answered);
    for (const source of sources) this.#statements.restsOn.run(row, source.conversation, source.message);
    return role === "notice" ? [] : [{ row, text, location: batch }];
  }

  /** Only once for each row. Not for rows that IndexBuilder has yet to add. */
  index({ row, text, location }: UnindexedText): void {
    const { isUnindexed, index } = this.#statements;
    if (isUnindexed.get(row) === undefined) index.run(row, indexedWords(text), locationOf(location));
  }
}
