import { expect, test } from "vitest";

import { emptyMemory } from "../../../src/conversation/memory/new-memory.ts";
import { memoryBefore } from "../../../src/conversation/memory/reanswer.ts";
import type { RememberedMessage } from "../../../src/domain/conversation-memory.ts";

const message = (id: string, ordinal: number, more: Partial<RememberedMessage> = {}): RememberedMessage => ({
  id,
  ordinal,
  author: { id: "ada", name: "Ada" },
  speaker: "Ada",
  role: "person",
  text: id,
  tokens: 1,
  saidAtMs: ordinal,
  attachments: [],
  answers: [],
  chapter: 1,
  revision: 1,
  ...more,
});

test.each([
  ["before it", [message("other", 1), message("question", 2)], ["other", "question"]],
  [
    "after it, where a store lost its last seconds",
    [message("other", 4), message("question", 5)],
    ["question"],
  ],
])(
  "an answer that is given again is asked with its question, also if that is remembered %s",
  (_, asked, left) => {
    const answer = message("answer", 3, { role: "bot", answers: ["question"] });
    const memory = {
      ...emptyMemory("fake:room:1", { platform: "fake", place: "room" }),
      messages: [...asked, answer, message("later", 6)].toSorted((a, b) => a.ordinal - b.ordinal),
    };
    expect(memoryBefore(memory, "answer").messages.map(({ id }) => id)).toEqual(left);
  },
);
