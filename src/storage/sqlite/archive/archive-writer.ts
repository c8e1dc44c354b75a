import { conversationKey, type ConversationKey } from "../../../domain/conversation.ts";
import type { SyncBatch, ErasureCounts } from "../../../domain/archive.ts";
import type { MessageId } from "../../../domain/message.ts";
import type { Erasure, RememberedMessage } from "../../../domain/conversation-memory.ts";

import type { WritingStatements } from "./archive-statements.ts";
import { locationOf, indexedWords } from "./archive-words.ts";

/** Somebody who is to be forgotten, up to a moment. */
export interface AuthorErasure {
  readonly platform: string;
  readonly author: string;
  readonly beforeMs: number;
}

/**
 * What became of a message. `refused`: it lies before an erasure of the whole conversation. `forgotten`: its author wants
 * that. `settled`: it is kept, or has gone.
 */
export type InsertOutcome = "settled" | "refused" | "forgotten";

/**
 * Changes the archive, within a transaction of its caller's. What has gone, and the bounds below which all has, only
 * ever grow, and a text is only replaced by a newer one: so the order in which changes arrive makes no difference.
 */
export class ArchiveWriter {
  readonly #statements: WritingStatements;

  constructor(statements: WritingStatements) {
    this.#statements = statements;
  }

  /** Keeps it, unless it has gone already. */
  insert(batch: SyncBatch, message: RememberedMessage): InsertOutcome {
    const { conversation, platform } = batch;
    const { id, role, author, ordinal, saidAtMs } = message;
    const { isOfErasedAuthor, isRefused } = this.#statements;
    const bounds = [conversation, platform, author.id, ordinal, saidAtMs];
    // The tombstone is what our replies to it go by.
    const gone = role === "person" ? isOfErasedAuthor.get(...bounds) : undefined;
    if (gone !== undefined) this.#addTombstone(conversation, id, { byAuthor: true });
    if (gone?.["why"] === "forgotten") return "forgotten";
    const refusal = isRefused.get(conversation, id, ordinal, saidAtMs);
    if (refusal !== undefined) return refusal["why"] === "erased" ? "refused" : "settled";
    if (role !== "person" && this.#answersNothing(conversation, message))
      this.#addTombstone(conversation, id);
    else this.#keepRow(batch, message);
    return "settled";
  }

  /**
   * Records what is never taken again, and removes at most `most` of it, from an ordinal on. Gives the ordinal where it goes
   * on; undefined where there is no more.
   */
  erase(
    conversation: ConversationKey,
    erasure: Erasure,
    { most, from }: { readonly most: number; readonly from: number },
  ): number | undefined {
    const { eraseBefore, erase, eraseAuthorBefore, byAuthorIn } = this.#statements;
    switch (erasure.kind) {
      case "message":
        this.#addTombstone(conversation, erasure.message);
        return undefined;
      case "all":
        eraseBefore.run(conversation, erasure.beforeOrdinal);
        return erase.run(conversation, erasure.beforeOrdinal, most).changes === most ? from : undefined;
      case "author": {
        const { author, beforeOrdinal } = erasure;
        eraseAuthorBefore.run(conversation, author, beforeOrdinal);
        const theirs = byAuthorIn.all(conversation, author, from, beforeOrdinal, most);
        this.#addTombstonesOf(theirs);
        return theirs.length === most ? Number(theirs.at(-1)?.["ordinal"]) : undefined;
      }
    }
  }

  /** Whether so many messages are to go, or more. */
  isMany(conversation: ConversationKey, erasure: Erasure, least: number): boolean {
    const { countBefore, countByAuthorIn } = this.#statements;
    if (erasure.kind === "message") return false;
    const { beforeOrdinal } = erasure;
    const row =
      erasure.kind === "all"
        ? countBefore.get(conversation, beforeOrdinal, least)
        : countByAuthorIn.get(conversation, erasure.author, beforeOrdinal, least);
    return row?.["count"] === least;
  }

  isManyBy({ platform, author, beforeMs }: AuthorErasure, least: number): boolean {
    return this.#statements.countByAuthor.get(platform, author, beforeMs, least)?.["count"] === least;
  }

  isManyBefore(beforeMs: number, least: number): boolean {
    return this.#statements.countOld.get(beforeMs, least)?.["count"] === least;
  }

  /** Records only that it is never taken again. */
  refuseAuthor({ platform, author, beforeMs }: AuthorErasure): void {
    this.#statements.forgetBefore.run(platform, author, beforeMs);
  }

  /** As `erase`, on a whole platform. */
  forgetAuthor(somebody: AuthorErasure, most: number): ErasureCounts {
    const { platform, author, beforeMs } = somebody;
    const { byAuthor } = this.#statements;
    this.refuseAuthor(somebody);
    return this.#addTombstonesOf(byAuthor.all(platform, author, beforeMs, most));
  }

  /** As `erase`, for what is too old, and without tombstones. Gives how many went. */
  expire(beforeMs: number, most: number): number {
    this.#statements.expireBefore.run(beforeMs);
    return Number(this.#statements.expire.run(beforeMs, most).changes);
  }

  /** What kept older things away, which their age does now. Gives how many tombstones went. */
  expireBounds(beforeMs: number, most: number): number {
    const { expireTombstones, expireErased, expireErasedAuthors, expireForgotten } = this.#statements;
    for (const statement of [expireErased, expireErasedAuthors, expireForgotten]) statement.run(beforeMs);
    return Number(expireTombstones.run(beforeMs, most).changes);
  }

  /** With our replies to them. */
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

  /** Leaves a tombstone, whether it is there or not, also for our replies that answer nothing that stays. Gives how many rows went. */
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

  #keepRow(batch: SyncBatch, message: RememberedMessage): void {
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
    );
    if (kept === undefined) return;
    const row = Number(kept["row"]);
    if (role !== "notice") this.#statements.index.run(row, indexedWords(text), locationOf(batch));
    for (const answered of answers) this.#statements.restsOn.run(row, conversation, answered);
    for (const source of sources) this.#statements.restsOn.run(row, source.conversation, source.message);
  }
}
