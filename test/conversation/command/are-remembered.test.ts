import { expect, test } from "vitest";

import { areRemembered } from "../../../src/commands/are-remembered.ts";
import type { RememberedMessage } from "../../../src/domain/conversation-memory.ts";
import { InMemoryArchive } from "../../support/core/in-memory-archive.ts";
import { memoryOf } from "../../support/core/memory-of.ts";

const { signal } = new AbortController();
const here = { conversation: "fake:room:1", platform: "fake", place: "room" } as const;

const message = (id: string, ordinal: number): RememberedMessage => ({
  id,
  ordinal,
  text: "hello",
  author: { id: "ada", name: "Ada" },
  speaker: "Ada",
  role: "person",
  saidAtMs: 1_000,
  attachments: [],
  answers: [],
  tokens: 1,
  chapter: 1,
  revision: 1,
});

test("tells whether many messages are remembered with one question to the archive, and none for those in memory", async () => {
  await using archive = new InMemoryArchive();
  const messages = Array.from({ length: 300 }, (_, ordinal) => message(`m${ordinal}`, ordinal));
  const ids = messages.map(({ id }) => id);
  await archive.sync({ ...here, erasures: [], messages: messages.slice(10) });
  let questions = 0;
  const findOutlines: InMemoryArchive["findOutlines"] = (...given) => {
    questions += 1;
    return archive.findOutlines(...given);
  };
  const ports = { archive: Object.assign(new InMemoryArchive(), { findOutlines, find: undefined }) };
  const memory = memoryOf(here.conversation, { messages: messages.slice(0, 10) });
  expect(await areRemembered(ports, memory, [...ids, ...ids], signal)).toBe(true);
  expect(questions).toBe(1);
  expect(await areRemembered(ports, memory, [...ids, "unknown"], signal)).toBe(false);
  // Memory knows of a deletion before the archive does.
  const erasures = [{ revision: 2, kind: "message", message: "m20" } as const];
  expect(await areRemembered(ports, { ...memory, erasures }, ids, signal)).toBe(false);
  questions = 0;
  expect(await areRemembered(ports, memory, ids.slice(0, 10), signal)).toBe(true);
  expect(questions).toBe(0);
});
