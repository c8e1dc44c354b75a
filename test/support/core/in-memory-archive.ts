import type { ArchivedConversation, ConversationHead } from "../../../src/domain/archived-conversation.ts";
import type { ConversationKey } from "../../../src/domain/conversation.ts";
import type {
  DerivedReply,
  SyncResult,
  SyncBatch,
  ErasureCounts,
  ArchivedMessage,
  ArchiveRange,
  ArchiveSearch,
} from "../../../src/domain/archive.ts";
import type { Verdict } from "../../../src/domain/feedback.ts";
import type { MessageId, TurnId } from "../../../src/domain/message.ts";
import type { ArchivedConversations } from "../../../src/ports/archived-conversations.ts";
import { ArchiveError, type Archive } from "../../../src/ports/archive.ts";

/** An archive in a Map, with a switch for an outage. */
export class InMemoryArchive implements Archive, ArchivedConversations {
  readonly name = "archive";
  readonly #rows = new Map<string, ArchivedMessage>();
  readonly #tombstones = new Set<string>();
  readonly #heads = new Map<ConversationKey, ConversationHead>();
  readonly #erasedBefore = new Map<ConversationKey, number>();
  isDown = false;

  get rows(): readonly ArchivedMessage[] {
    return [...this.#rows.values()].toSorted((a, b) => a.ordinal - b.ordinal);
  }

  readonly health = () => ({ ok: !this.isDown, why: "" });

  readonly sync = async (batch: SyncBatch): Promise<SyncResult> => {
    this.#assertUp();
    const { conversation, platform, place, erasures, messages, head } = batch;
    const refused: MessageId[] = [];
    for (const erasure of erasures) {
      if (erasure.kind === "message") this.#addTombstone(conversation, erasure.message);
      else this.#addTombstonesWhere((row) => isMeant(row, conversation, erasure));
      if (erasure.kind === "all") {
        const before = Math.max(this.#erasedBefore.get(conversation) ?? 0, erasure.beforeOrdinal);
        this.#erasedBefore.set(conversation, before);
      }
    }
    for (const { tokens: _, ...message } of messages) {
      const key = keyOf(conversation, message.id);
      const isRefused = message.ordinal < (this.#erasedBefore.get(conversation) ?? 0);
      const isErased = this.#tombstones.has(key) || isRefused;
      if (isRefused && !this.#tombstones.has(key)) refused.push(message.id);
      const isOlder = (this.#rows.get(key)?.revision ?? -1) >= message.revision;
      if (!isErased && !isOlder) this.#rows.set(key, { ...message, conversation, platform, place });
    }
    const known = this.#heads.get(conversation)?.memory.revision ?? 0;
    if (head !== undefined && head.memory.revision >= known) this.#heads.set(conversation, head);
    return { refused, forgotten: [] };
  };

  readonly syncNew = async (batches: readonly SyncBatch[]): Promise<readonly ConversationKey[]> => {
    this.#assertUp();
    const left = batches.filter((batch) => !batch.messages.every((message) => this.#isNew(batch, message)));
    for (const batch of batches) if (!left.includes(batch)) await this.sync(batch);
    return left.map(({ conversation }) => conversation);
  };

  #isNew({ conversation }: SyncBatch, { id, ordinal }: SyncBatch["messages"][number]): boolean {
    const key = keyOf(conversation, id);
    const isErased = this.#tombstones.has(key) || ordinal < (this.#erasedBefore.get(conversation) ?? 0);
    return !isErased && !this.#rows.has(key);
  }

  readonly findConversation = async (
    conversation: ConversationKey,
  ): Promise<ArchivedConversation | undefined> => {
    this.#assertUp();
    const head = this.#heads.get(conversation);
    const rows = this.rows.filter((row) => row.conversation === conversation);
    const bounds = [this.#erasedBefore.get(conversation) ?? 0, head?.memory.nextOrdinal ?? 0];
    const nextOrdinal = Math.max(...bounds, ...rows.map(({ ordinal }) => ordinal + 1));
    if (nextOrdinal === 0) return undefined;
    const last = rows.at(-1);
    const newest = last === undefined ? {} : { last: { id: last.id, ordinal: last.ordinal } };
    return { nextOrdinal, ...newest, ...(head === undefined ? {} : { head }) };
  };

  readonly findMissing: ArchivedConversations["findMissing"] = async ({ conversation }, messages) => {
    const keys = messages.map(({ id }) => ({ id, key: keyOf(conversation, id) }));
    return keys.filter(({ key }) => !this.#rows.has(key) && !this.#tombstones.has(key)).map(({ id }) => id);
  };

  readonly locate = async (_platform: string, place: string, message: MessageId) => {
    this.#assertUp();
    return this.rows.find((row) => row.place === place && row.id === message)?.conversation;
  };

  readonly conversationsWith: ArchivedConversations["conversationsWith"] = async (
    _platform,
    place,
    message,
  ) => {
    this.#assertUp();
    const found = this.rows.filter((row) => row.place === place && row.id === message);
    return [...new Set(found.map(({ conversation }) => conversation))];
  };

  readonly recent: ArchivedConversations["recent"] = async () => {
    this.#assertUp();
    return [];
  };

  readonly keysAfter: ArchivedConversations["keysAfter"] = async (after, limit) => {
    this.#assertUp();
    const all = new Set([...this.#heads.keys(), ...this.rows.map(({ conversation }) => conversation)]);
    return [...all]
      .filter((each) => each > after)
      .toSorted()
      .slice(0, limit);
  };

  readonly rename = async (): Promise<void> => this.#assertUp();

  readonly read = async (range: ArchiveRange): Promise<readonly ArchivedMessage[]> => {
    this.#assertUp();
    const { conversation, fromOrdinal = 0, beforeOrdinal = Infinity, fromMs = 0, limit, end } = range;
    const found = this.rows.filter(
      (row) =>
        row.conversation === conversation &&
        row.ordinal >= fromOrdinal &&
        row.ordinal < beforeOrdinal &&
        row.saidAtMs >= fromMs,
    );
    return end === "last" ? found.slice(-limit) : found.slice(0, limit);
  };

  readonly find = async (
    conversation: ConversationKey,
    id: MessageId,
  ): Promise<ArchivedMessage | undefined> => {
    this.#assertUp();
    return this.#rows.get(keyOf(conversation, id));
  };

  readonly findOutlines: Archive["findOutlines"] = async (conversation, ids) => {
    this.#assertUp();
    const found = ids.flatMap((id) => this.#rows.get(keyOf(conversation, id)) ?? []);
    return found.map(({ id, ordinal, author }) => ({ id, ordinal, author: { id: author.id } }));
  };

  readonly search = async ({ words, platform, places, within, limit }: ArchiveSearch) => {
    this.#assertUp();
    const messages = this.#matching(platform, words)
      .filter((row) => places.includes(row.place))
      .filter(
        (row) =>
          within === undefined || (row.conversation === within.conversation && row.chapter >= within.since),
      )
      .slice(0, limit);
    return { messages, isWhole: true };
  };

  readonly places = async (platform: string, limit: number): Promise<readonly string[]> => {
    this.#assertUp();
    const there = this.rows.filter((row) => row.platform === platform);
    return [...new Set(there.map(({ place }) => place))].slice(0, limit);
  };

  readonly derivedFrom = async (conversation: ConversationKey, messages: readonly MessageId[]) => {
    this.#assertUp();
    return this.rows
      .filter(
        (row) =>
          (row.conversation === conversation && row.answers.some((id) => messages.includes(id))) ||
          row.sources?.some((each) => each.conversation === conversation && messages.includes(each.message)),
      )
      .map((row): DerivedReply => ({
        conversation: row.conversation,
        platform: row.platform,
        place: row.place,
        message: row.id,
        revision: row.revision,
        posts: row.posts ?? [],
      }));
  };

  /** Set by the test, by author and turn: it stores no feedback. */
  readonly verdicts = new Map<string, Verdict>();

  readonly verdictsOf = async (author: string, turns: readonly TurnId[]) => {
    this.#assertUp();
    return new Map(
      turns.flatMap((turn): readonly [TurnId, Verdict][] => {
        const verdict = this.verdicts.get(`${author} ${turn}`);
        return verdict === undefined ? [] : [[turn, verdict]];
      }),
    );
  };

  readonly locationsOf = async (platform: string, author: string, beforeMs: number) => {
    this.#assertUp();
    const theirs = this.rows.filter(
      (row) =>
        row.platform === platform &&
        row.role === "person" &&
        row.author.id === author &&
        row.saidAtMs < beforeMs,
    );
    const byKey = new Map(theirs.map((row) => [row.conversation, row]));
    return [...byKey.values()].map(({ conversation, place }) => ({ conversation, platform, place }));
  };

  readonly refuseAuthor = async (): Promise<void> => this.#assertUp();

  readonly eraseAuthor = async (
    platform: string,
    author: string,
    beforeMs: number,
  ): Promise<ErasureCounts> => {
    this.#assertUp();
    const theirs = this.rows.filter(
      (row) =>
        row.platform === platform &&
        row.role === "person" &&
        row.author.id === author &&
        row.saidAtMs < beforeMs,
    );
    const replies = this.rows.filter(
      (row) =>
        row.answers.length > 0 &&
        row.answers.every((id) =>
          theirs.some((each) => each.id === id && each.conversation === row.conversation),
        ),
    );
    for (const row of [...theirs, ...replies]) this.#addTombstone(row.conversation, row.id);
    const conversations = [...new Set(theirs.map(({ conversation }) => conversation))];
    return { conversations, messages: theirs.length, replies: replies.length };
  };

  readonly olderThan: Archive["olderThan"] = async ({ beforeMs }) => {
    this.#assertUp();
    const old = this.rows.filter(({ saidAtMs }) => saidAtMs < beforeMs);
    const byKey = new Map(old.map((row) => [row.conversation, row]));
    const locations = [...byKey.values()].map(({ conversation, platform, place }) => ({
      conversation,
      platform,
      place,
    }));
    return { locations };
  };

  readonly expireHeads = async () => {
    this.#assertUp();
    return [];
  };

  readonly expire = async (beforeMs: number): Promise<number> => {
    this.#assertUp();
    const old = this.rows.filter(({ saidAtMs }) => saidAtMs < beforeMs);
    for (const { conversation, id } of old) this.#rows.delete(keyOf(conversation, id));
    return old.length;
  };

  readonly scrub = async (): Promise<void> => this.#assertUp();

  async [Symbol.asyncDispose](): Promise<void> {
    this.#rows.clear();
  }

  #matching(platform: string, words: string): readonly ArchivedMessage[] {
    const wanted = words.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
    return this.rows
      .filter((row) => row.platform === platform && row.role !== "notice")
      .filter(({ text }) => wanted.every((word) => text.toLowerCase().includes(word)))
      .toReversed();
  }

  #addTombstone(conversation: ConversationKey, id: MessageId): void {
    this.#rows.delete(keyOf(conversation, id));
    this.#tombstones.add(keyOf(conversation, id));
  }

  #addTombstonesWhere(isMeantOf: (row: ArchivedMessage) => boolean): void {
    for (const row of this.rows) if (isMeantOf(row)) this.#addTombstone(row.conversation, row.id);
  }

  #assertUp(): void {
    if (this.isDown) throw new ArchiveError("down");
  }
}

function isMeant(
  row: ArchivedMessage,
  conversation: ConversationKey,
  erasure: Exclude<SyncBatch["erasures"][number], { readonly kind: "message" }>,
): boolean {
  if (row.conversation !== conversation || row.ordinal >= erasure.beforeOrdinal) return false;
  return erasure.kind === "all" || (row.role === "person" && row.author.id === erasure.author);
}

function keyOf(conversation: ConversationKey, id: MessageId): string {
  return `${conversation} ${id}`;
}
