import fc from "fast-check";

import { isConversationKey, type ConversationKey } from "../../src/domain/conversation.ts";
import type { Recollection, RememberedMessage } from "../../src/domain/recollection.ts";

const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom("__proto__", ":x", "\uD800", "\u0000"),
);
const anyCount = fc.nat();
const anyMessage: fc.Arbitrary<RememberedMessage> = fc.record(
  {
    id: anyText,
    author: fc.record({ id: anyText, name: anyText }, { noNullPrototype: true }),
    text: anyText,
    saidAtMs: anyCount,
    attachments: fc.array(
      fc.record(
        { name: anyText, mediaType: anyText, sizeBytes: anyCount },
        { requiredKeys: ["name"], noNullPrototype: true },
      ),
      { maxLength: 3 },
    ),
    permalink: anyText,
    role: fc.constantFrom("person", "bot", "notice"),
    speaker: anyText,
    tokens: anyCount,
    chapter: fc.integer({ min: 1 }),
    answers: fc.array(anyText, { maxLength: 3 }),
  },
  {
    requiredKeys: [
      "id",
      "author",
      "text",
      "saidAtMs",
      "attachments",
      "role",
      "speaker",
      "tokens",
      "chapter",
      "answers",
    ],
    noNullPrototype: true,
  },
);
/** Every field with every kind of text, the optional ones there or not. */
export const anyRecollection: fc.Arbitrary<Recollection> = fc.record(
  {
    version: fc.constant(1),
    conversation: fc
      .string({ unit: "binary", minLength: 1 })
      .filter((name) => isConversationKey(`fake:${name}`))
      .map((name): ConversationKey => `fake:${name}`),
    chapter: fc.integer({ min: 1 }),
    messages: fc.array(anyMessage, { maxLength: 5 }),
    leftOut: anyCount,
    speakers: fc.array(fc.record({ id: anyText, label: anyText }, { noNullPrototype: true }), {
      maxLength: 3,
    }),
    lastTurn: anyText,
  },
  {
    requiredKeys: ["version", "conversation", "chapter", "messages", "leftOut", "speakers"],
    noNullPrototype: true,
  },
);
