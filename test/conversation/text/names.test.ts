import { expect, test } from "vitest";

import { appendMessages } from "../../../src/conversation/memory/append.ts";
import { unknownName, type Message } from "../../../src/domain/message.ts";
import type { ConversationMemory } from "../../../src/domain/conversation-memory.ts";
import { emptyMemory } from "../../../src/conversation/memory/new-memory.ts";

const location = { platform: "fake", place: "room" };
let count = 0;

function said(id: string, name: string): Message {
  const message = `m${(count += 1)}`;
  return { id: message, author: { id, name }, text: "hello", saidAtMs: count, attachments: [] };
}

function speakersOf(...messages: readonly Message[]): readonly string[] {
  let known: ConversationMemory = emptyMemory("fake:room:1", location);
  for (const message of messages)
    known = appendMessages({ ...known, revision: known.revision + 1 }, [message], () => 1);
  return known.messages.map(({ speaker }) => speaker);
}

test("a person who was renamed speaks under the new name from then on", () => {
  expect(speakersOf(said("U1", "Ada"), said("U1", "Ada Lovelace"))).toEqual(["Ada", "Ada Lovelace"]);
});

test("a person gets their name once it is known, on earlier messages too", () => {
  expect(speakersOf(said("U1", unknownName), said("U2", unknownName), said("U1", "Ada"))).toEqual([
    "Ada",
    "someone (2)",
    "Ada",
  ]);
});

test("a name that becomes known later is numbered if another person has it", () => {
  expect(speakersOf(said("U1", unknownName), said("U2", "Ada"), said("U1", "Ada"))).toEqual([
    "Ada (2)",
    "Ada",
    "Ada (2)",
  ]);
});

test("a name is kept while the platform can't provide it", () => {
  expect(speakersOf(said("U1", "Ada"), said("U1", unknownName))).toEqual(["Ada", "Ada"]);
});

test("two people of one name stay distinct, even if one gets that name later", () => {
  expect(speakersOf(said("U1", "Ada"), said("U2", "Bob"), said("U2", "Ada"), said("U1", "Ada"))).toEqual([
    "Ada",
    "Bob",
    "Ada (2)",
    "Ada",
  ]);
});
