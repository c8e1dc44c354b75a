import { expect, test } from "vitest";

import {
  completeDelayedErasure,
  startDelayedErasure,
  undoDelayedErasure,
} from "../../../src/conversation/memory/delayed-erasure.ts";
import { emptyMemory } from "../../../src/conversation/memory/new-memory.ts";
import { isErasureUndone } from "../../../src/conversation/memory/undone-orders.ts";
import type { ConversationMemory } from "../../../src/domain/conversation-memory.ts";

const order = (memory: ConversationMemory, nowMs: number): ConversationMemory =>
  startDelayedErasure(memory, { by: "ada", nowMs, untilMs: nowMs + 100 });

function undo(memory: ConversationMemory, nowMs: number): ConversationMemory {
  if (memory.erasing === undefined) throw new Error("Nothing to undo");
  return undoDelayedErasure(memory, memory.erasing, nowMs);
}

test("undoing a deletion that was ordered twice leaves the one that was completed before", () => {
  const ordered = order(
    { ...emptyMemory("fake:room:1", { platform: "fake", place: "room" }), nextOrdinal: 3 },
    1_000,
  );
  const completed = completeDelayedErasure(ordered, {
    kind: "lapsed",
    conversation: "fake:room:1",
    dedupeId: "lapsed",
    platform: "fake",
    place: "room",
    beforeOrdinal: 3,
  });
  if (completed === undefined) throw new Error("Not completed");
  const undone = undo(order(order({ ...completed, nextOrdinal: 5 }, 2_000), 2_050), 2_060);
  expect(undone.forgottenAtMs).toBe(1_000);
  expect([1_000, 1_001, 2_000, 2_050, 2_051].map((atMs) => isErasureUndone(undone, atMs))).toEqual([
    false,
    true,
    true,
    true,
    false,
  ]);
});
