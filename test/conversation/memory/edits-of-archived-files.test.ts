import { expect, test } from "vitest";

import { applyEdit } from "../../../src/conversation/memory/apply-edit.ts";
import { noRemovals } from "../../../src/conversation/memory/remove-derived.ts";
import { applyWaiting } from "../../../src/conversation/recall/apply-waiting.ts";
import type { ArchivedMessage } from "../../../src/domain/archive.ts";
import { applyPendingChanges } from "../../../src/domain/apply-pending-changes.ts";
import type { ConversationKey } from "../../../src/domain/conversation.ts";
import { edited } from "../../support/core/inbounds.ts";
import { memoryOf } from "../../support/core/memory-of.ts";

const conversation: ConversationKey = "fake:room:1";
const archived: ArchivedMessage = {
  conversation,
  platform: "fake",
  place: "room",
  id: "m1",
  role: "person",
  author: { id: "ada", name: "Ada" },
  speaker: "Ada",
  text: "see the plan",
  attachments: [{ name: "plan.pdf", sizeBytes: 9 }],
  saidAtMs: 1,
  chapter: 1,
  answers: [],
  ordinal: 1,
  revision: 1,
};
const withoutFile = { ...edited("m1", "see below"), attachments: [] };
const reworded = edited("m1", "see above");

test("an edit that removes a file of an archived message counts until the archive has it, also after an edit of the text", () => {
  const memory = memoryOf(conversation, { nextOrdinal: 2 });
  const start = {
    memory,
    pending: noRemovals,
    removedIds: [],
    postsToRetract: [],
    questionsToReask: [],
    answersToHide: [],
  };
  const { memory: after } = applyEdit(
    applyEdit(start, withoutFile, () => 1),
    reworded,
    () => 1,
  );
  expect(after.edits).toMatchObject([{ message: "m1", text: "see above", attachments: [] }]);
  expect(applyPendingChanges(after, [archived])).toEqual([
    { ...archived, text: "see above", attachments: [] },
  ]);
});

test("edits that wait apply to what a search finds one after the other", () => {
  const entries = [withoutFile, reworded].map((inbound, index) => ({
    id: `e${index}`,
    seq: index,
    acceptedAtMs: 1,
    inbound,
  }));
  const waiting = new Map([[conversation, entries]]);
  expect(applyWaiting(waiting, [archived])).toEqual([{ ...archived, text: "see above", attachments: [] }]);
});
