import fc from "fast-check";

import { isConversationKey, type ConversationKey } from "../../src/domain/conversation.ts";
import type {
  ClosedChapter,
  Erasure,
  ConversationMemory,
  RememberedMessage,
  Source,
} from "../../src/domain/conversation-memory.ts";
import type { FileRef } from "../../src/domain/file-ref.ts";
import type { Summary } from "../../src/domain/summary.ts";
import type { ModelWork, TurnRecord } from "../../src/domain/turn-record.ts";

const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom("__proto__", ":x", "\uD800", "\u0000"),
);
const anyCount = fc.nat();
const anyNumber = fc.integer({ min: 1 });
const anyKey = fc
  .string({ unit: "binary", minLength: 1 })
  .filter((name) => isConversationKey(`fake:${name}`))
  .map((name): ConversationKey => `fake:${name}`);
const isTrue = fc.constant(true as const);

/** A record with all required fields and any of the optional ones. */
function record<Always extends object, Sometimes extends object>(
  always: { readonly [Key in keyof Always]: fc.Arbitrary<Always[Key]> },
  sometimes?: { readonly [Key in keyof Sometimes]: fc.Arbitrary<Sometimes[Key]> },
) {
  const noNullPrototype = true;
  const all = fc.record(always, { noNullPrototype });
  const some = sometimes && fc.record(sometimes, { requiredKeys: [], noNullPrototype });
  return fc.tuple(all, some ?? fc.constant({})).map(([one, other]) => Object.assign(one, other));
}

const anySource: fc.Arbitrary<Source> = record(
  { conversation: anyKey, message: anyText },
  { permalink: anyText },
);

const anyRef: fc.Arbitrary<FileRef> = record({ platform: anyText, id: anyText }, { installation: anyText });

const anyMessage: fc.Arbitrary<RememberedMessage> = record(
  {
    id: anyText,
    author: record({ id: anyText, name: anyText }),
    text: anyText,
    saidAtMs: anyCount,
    attachments: fc.array(
      record(
        { name: anyText },
        {
          mediaType: anyText,
          sizeBytes: anyCount,
          ref: anyRef,
          isCut: fc.constant(true as const),
          tokens: anyCount,
        },
      ),
      {
        maxLength: 3,
      },
    ),
    role: fc.constantFrom("person", "bot", "notice"),
    speaker: anyText,
    tokens: anyCount,
    chapter: anyNumber,
    answers: fc.array(anyText, { maxLength: 3 }),
    ordinal: anyNumber,
    revision: anyCount,
  },
  {
    permalink: anyText,
    posts: fc.array(anyText, { maxLength: 2 }),
    sources: fc.array(anySource, { maxLength: 2 }),
    turnId: anyText,
  },
);

const anyCitation = record(
  { message: anyText, ordinal: anyNumber, saidAtMs: anyCount },
  { permalink: anyText },
);

/** Every field with every kind of text, with or without the optional ones. */
export const anySummary: fc.Arbitrary<Summary> = record(
  {
    lines: fc.array(
      record(
        { text: anyText, cites: fc.array(anyCitation, { minLength: 1, maxLength: 3 }), tokens: anyCount },
        { isPinned: isTrue },
      ),
      { maxLength: 3 },
    ),
    upTo: anyNumber,
    dropped: anyCount,
    madeAtMs: anyCount,
  },
  { unwanted: fc.array(anyNumber, { maxLength: 3 }), isStale: isTrue },
);

const anyWork: fc.Arbitrary<ModelWork> = record(
  { model: anyText, calls: anyCount, startedAtMs: anyCount, endedAtMs: anyCount },
  {
    prompt: record(
      { from: anyNumber, to: anyNumber, messages: anyCount, revision: anyCount },
      { summary: record({ madeAtMs: anyCount, lines: anyCount }) },
    ),
    usage: record(
      { promptTokens: anyCount, replyTokens: anyCount },
      { cachedTokens: anyCount, cacheWriteTokens: anyCount, reasoningTokens: anyCount },
    ),
    firstTextAtMs: anyCount,
  },
);

const anyRecord: fc.Arbitrary<TurnRecord> = record(
  {
    id: anyText,
    conversation: anyKey,
    platform: anyText,
    place: anyText,
    purpose: fc.constantFrom("answer", "command", "summary", "title"),
    covers: fc.array(anyText, { maxLength: 3 }),
    ordinal: anyCount,
    revision: anyCount,
    settingsVersion: anyText,
    attempt: anyCount,
    finishedAtMs: anyCount,
    outcome: fc.constantFrom("answered", "stopped", "late", "declined", "limited", "failed", "given-up"),
    steps: fc.array(
      record({
        tool: anyText,
        outcome: fc.constantFrom("done", "failed", "refused"),
        durationMs: anyCount,
        resultChars: anyCount,
      }),
      { maxLength: 2 },
    ),
  },
  {
    author: anyText,
    command: anyText,
    trigger: anyText,
    replyId: anyText,
    replaces: anyText,
    askedAtMs: anyCount,
    failure: anyText,
    work: anyWork,
  },
);

const anyErasure: fc.Arbitrary<Erasure> = fc.oneof(
  record({ revision: anyCount, kind: fc.constant("message"), message: anyText }),
  record({ revision: anyCount, kind: fc.constant("author"), author: anyText, beforeOrdinal: anyNumber }),
  record({ revision: anyCount, kind: fc.constant("all"), beforeOrdinal: anyNumber }),
);

const anyClosedChapter: fc.Arbitrary<ClosedChapter> = record(
  { since: anyNumber, windowFrom: anyNumber, closedAtMs: anyCount },
  { summary: anySummary },
);

/** Every field with every kind of text, the optional ones there or not. */
export const anyMemory: fc.Arbitrary<ConversationMemory> = record(
  {
    version: fc.constant(2),
    conversation: anyKey,
    platform: anyText,
    place: anyText,
    revision: anyCount,
    base: anyCount,
    chapter: anyNumber,
    since: anyNumber,
    nextOrdinal: anyNumber,
    messages: fc.array(anyMessage, { maxLength: 5 }),
    windowFrom: anyNumber,
    leftOut: anyCount,
    erasures: fc.array(anyErasure, { maxLength: 3 }),
    edits: fc.array(record({ revision: anyCount, message: anyText, text: anyText }), { maxLength: 3 }),
    speakers: fc.array(record({ id: anyText, label: anyText }), { maxLength: 3 }),
  },
  {
    records: fc.array(anyRecord, { maxLength: 3 }),
    summary: anySummary,
    moves: record({
      since: anyCount,
      base: anyCount,
      at: fc.array(record({ base: anyCount, from: anyNumber }), { maxLength: 3 }),
    }),
    closed: anyClosedChapter,
    undone: record(
      { resets: fc.array(anyCount, { maxLength: 3 }) },
      { erasures: record({ afterMs: anyCount, untilMs: anyCount }) },
    ),
    uncompared: anyCount,
    titledBy: anyText,
    titledFrom: fc.array(anyText, { maxLength: 3 }),
    seededAtMs: anyCount,
    unseeded: record({ tries: anyCount }, { before: anyText }),
    forgottenAtMs: anyCount,
  },
);
