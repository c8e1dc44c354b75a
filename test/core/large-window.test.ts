import { describe, expect, test } from "vitest";

import { textOf, type Content } from "../../src/domain/content.ts";
import { applyChanges } from "../../src/conversation/inbounds/apply-changes.ts";

import { appendReply, appendMessages } from "../../src/conversation/memory/append.ts";
import type { Change } from "../../src/domain/inbound.ts";
import type { ConversationMemory } from "../../src/domain/conversation-memory.ts";
import { bestCpuMs } from "../support/texts/cpu-time.ts";
import { slowness } from "../support/machine-speed.ts";
import { advanceRevision, emptyMemory } from "../../src/conversation/memory/new-memory.ts";
import { inheritedSources } from "../../src/conversation/recall/inherited-sources.ts";
import { findRepeating } from "../../src/conversation/memory/find-repeating.ts";

const location = { platform: "fake", place: "room" };
const base = { conversation: "fake:room:1", ...location } as const;
const countTokens = (content: Content): number => Math.ceil(textOf(content).length / 4);

/** About 80 tokens of prose, with a name and a ticket of its own. */
function prose(count: number): string {
  const words = Array.from({ length: 55 }, (_, at) => `word${(count * 31 + at * 17) % 400}`);
  return `${words.join(" ")}. Ask Ada${count} about OPS-${count}.`;
}

/** Questions, and answers that have looked something up. */
function talk(turns: number): ConversationMemory {
  let memory = advanceRevision(emptyMemory("fake:room:1", location), location, 0);
  const author = { id: "ada", name: "Ada" };
  const sources = [{ conversation: "fake:other:1", message: "s" }] as const;
  for (let turn = 0; turn < turns; turn += 1) {
    const message = { id: `m${turn}`, author, text: prose(turn), saidAtMs: turn, attachments: [] };
    memory = appendMessages(memory, [message], countTokens);
    const reply = {
      id: `r${turn}`,
      text: prose(turn + 10_000),
      answers: [`m${turn}`],
      saidAtMs: turn,
      posts: [],
    };
    memory = appendReply(memory, { ...reply, role: "bot", sources }, countTokens);
  }
  return advanceRevision(memory, location, 0);
}

const edited = (message: string, count: number): Change => ({
  ...base,
  kind: "edited",
  dedupeId: `${message}:${count}`,
  message,
  text: prose(count),
});
const deleted = (message: string): Change => ({ ...base, kind: "deleted", dedupeId: message, message });
const changing =
  (...changes: readonly Change[]) =>
  (memory: ConversationMemory): Promise<unknown> =>
    applyChanges(memory, changes, countTokens);

// 128,000 tokens.
const window = talk(800);
const tenth = talk(80);

describe("in a window of 128,000 tokens, time grows with its length for", () => {
  test.each<[string, (memory: ConversationMemory) => Promise<unknown>]>([
    ["an edit", changing(edited("m1", 5_000))],
    ["a deletion", changing(deleted("m1"))],
    [
      "50 edits and deletions at once",
      changing(
        ...Array.from({ length: 25 }, (_, at) => [
          edited(`m${at}`, 5_000 + at),
          deleted(`m${at + 30}`),
        ]).flat(),
      ),
    ],
    ["an answer that may repeat earlier ones", (memory) => inheritedSources(memory, prose(10_001))],
  ])("%s", async (_, run) => {
    const wholeMs = await bestCpuMs(() => run(window), 3);
    expect(wholeMs).toBeLessThan(200 * (await slowness()));
    if (wholeMs < 40) return;
    const tenTenths = async (): Promise<void> => {
      for (let count = 0; count < 10; count += 1) await run(tenth);
    };
    expect(wholeMs / (await bestCpuMs(tenTenths, 3))).toBeLessThan(3);
  });
});

test("repeated texts in a whole archive are searched in slices, and none between two slices is missed", async () => {
  const gone = Array.from({ length: 9_000 }, (_, ordinal) => ({
    text: prose(ordinal),
    ordinal: ordinal + 1,
  }));
  const replies = [
    { name: "of the first", text: "Ada1 will know", ordinal: 9_001 },
    { name: "of the last", text: "See OPS-8999", ordinal: 9_001 },
    { name: "of what somebody still says", text: "See OPS-4711", ordinal: 9_001 },
    { name: "before it was said", text: "See OPS-8998", ordinal: 12 },
    { name: "of nothing", text: "Good morning", ordinal: 9_001 },
  ];
  let turns = 0;
  const others = setInterval(() => (turns += 1), 1);
  const found = await findRepeating(replies, gone, ["OPS-4711 is mine"]);
  clearInterval(others);
  expect(found.map(({ name }) => name)).toEqual(["of the first", "of the last"]);
  // It works for longer than a slice.
  expect(turns).toBeGreaterThan(0);
});
