import { describe, expect, test } from "vitest";

import { textOf, type Content } from "../../../src/domain/content.ts";
import { applyChanges } from "../../../src/conversation/inbounds/apply-changes.ts";
import { appendReply, appendMessages } from "../../../src/conversation/memory/append.ts";
import type { Change } from "../../../src/domain/inbound.ts";
import type { ConversationMemory } from "../../../src/domain/conversation-memory.ts";
import type { Summary } from "../../../src/domain/summary.ts";
import { deleted, edited } from "../../support/core/inbounds.ts";
import { emptyMemory, advanceRevision } from "../../../src/conversation/memory/new-memory.ts";

const countTokens = (content: Content): number => textOf(content).length;
const location = { platform: "fake", place: "room" };
const base = { conversation: "fake:room:1", dedupeId: "x", ...location } as const;
const message = (id: string, text: string, by = "ada", saidAtMs = 1_000) => ({
  id,
  text,
  author: { id: by, name: by },
  saidAtMs,
  attachments: [],
});
const reply = (id: string, text: string, answers: readonly string[]) =>
  ({ id, role: "bot", text, answers, saidAtMs: 1_500, posts: [`room/${id}`], sources: [] }) as const;

/** Ada's secret and its answer, Bob's question and its answer. */
function talk(): ConversationMemory {
  let memory = advanceRevision(emptyMemory("fake:room:1", location), location, 0);
  memory = appendMessages(memory, [message("a", "The password is swordfish-99")], countTokens);
  memory = appendReply(memory, reply("ra", "Noted.", ["a"]), countTokens);
  memory = appendMessages(memory, [message("b", "What can you do, old friend?", "bob")], countTokens);
  memory = appendReply(memory, reply("rb", "I remember things.", ["b"]), countTokens);
  return advanceRevision(memory, location, 0);
}

const summary: Summary = {
  lines: [{ text: "Something", cites: [{ message: "old", ordinal: 1, saidAtMs: 500 }], tokens: 3 }],
  upTo: 2,
  dropped: 0,
  madeAtMs: 900,
};
const idsOf = ({ messages }: ConversationMemory): readonly string[] => messages.map(({ id }) => id);
const change = (memory: ConversationMemory, ...changes: readonly Change[]) =>
  applyChanges(memory, changes, countTokens);

describe("a deleted message", () => {
  test("is removed with the bot's answer to it, whose posts are retracted", async () => {
    const { memory, removedIds, postsToRetract } = await change(talk(), deleted("a"));
    expect(idsOf(memory)).toEqual(["b", "rb"]);
    expect(removedIds).toEqual(["a", "ra"]);
    expect(postsToRetract).toEqual(["room/ra"]);
    expect(memory.erasures).toEqual([
      { revision: 2, kind: "message", message: "a" },
      { revision: 2, kind: "message", message: "ra" },
    ]);
  });

  test("is removed with later answers that repeat it, even to other questions", async () => {
    const memory = appendReply(
      talk(),
      reply("rc", "Bob, Ada's password is SWORDFISH-99!", ["b"]),
      countTokens,
    );
    expect((await change(memory, deleted("a"))).removedIds).toEqual(["a", "ra", "rc"]);
  });

  test("leaves answers that repeat what a person's remaining messages say", async () => {
    let memory = appendMessages(talk(), [message("c", "swordfish-99, really?", "bob")], countTokens);
    memory = appendReply(memory, reply("rc", "Yes, swordfish-99.", ["c"]), countTokens);
    expect(idsOf((await change(memory, deleted("a"))).memory)).toEqual(["b", "rb", "c", "rc"]);
  });

  test("keeps an answer to several messages if others remain and it does not repeat the deleted one", async () => {
    let memory = appendMessages(
      talk(),
      [message("c", "oops, wrong window"), message("d", "Which day is it?")],
      countTokens,
    );
    memory = appendReply(memory, reply("rcd", "It is Monday.", ["c", "d"]), countTokens);
    expect((await change(memory, deleted("c"))).removedIds).toEqual(["c"]);
  });

  test("removes an answer once all messages that it covers are deleted", async () => {
    let memory = appendMessages(
      talk(),
      [message("c", "wrong window"), message("d", "which day")],
      countTokens,
    );
    memory = appendReply(memory, reply("rcd", "It is Monday.", ["c", "d"]), countTokens);
    expect((await change(memory, deleted("c"), deleted("d"))).removedIds).toEqual(["c", "d", "rcd"]);
  });

  test("and an edit in one turn lead to the final state", async () => {
    const memory = appendReply(talk(), reply("rc", "It is swordfish-99.", ["b"]), countTokens);
    const moved = [deleted("a"), edited("b", "It was swordfish-99")];
    expect((await change(memory, ...moved)).postsToRetract).toEqual(["room/ra"]);
  });

  test("invalidates a summary that covers it, or may cover it", async () => {
    const covered = (await change({ ...talk(), summary }, deleted("a"))).memory;
    expect(covered.summary).toMatchObject({ lines: [], isStale: true });
    const unknown = (await change({ ...talk(), summary }, deleted("left-long-ago"))).memory;
    expect(unknown.summary).toMatchObject({ lines: [], isStale: true });
    const recent = (await change({ ...talk(), summary }, deleted("b"))).memory;
    expect(recent.summary).toEqual(summary);
    expect(recent.base).toBeGreaterThan(0);
  });

  test("is recorded for the archive even after it left memory", async () => {
    const { memory } = await change(talk(), deleted("left-long-ago"));
    expect(memory.erasures).toEqual([{ revision: 2, kind: "message", message: "left-long-ago" }]);
  });

  test("changes nothing in an empty conversation", async () => {
    const nothing = emptyMemory("fake:room:1", location);
    expect((await change(nothing, deleted("a"), edited("b", "x"))).memory).toEqual(nothing);
  });
});

describe("an edit by an app", () => {
  const byApp = (id: string, text: string): Change => ({ ...edited(id, text), isByApp: true });
  const withPost = (memory: ConversationMemory): ConversationMemory => ({
    ...memory,
    messages: memory.messages.map((each) =>
      each.id === "a" ? { ...each, author: { ...each.author, isApp: true } } : each,
    ),
  });

  test("invalidates no summary, finished or in progress", async () => {
    for (const moved of [
      byApp("a", "Build 812 is at 20 %"),
      byApp("b", "Build 813 is at 20 %"),
      byApp("left-long-ago", "Build 1 is done"),
      // Platforms that don't say who edited a post.
      edited("a", "Build 812 is at 30 %"),
    ]) {
      const posted = withPost({ ...talk(), summary });
      const { memory } = await change(posted, moved);
      expect(memory.summary).toEqual(summary);
      expect(memory.base).toBe(posted.base);
      expect(JSON.stringify([memory.messages, memory.edits])).toMatch(/20 %|30 %|is done/u);
    }
  });
});

describe("a summary in progress", () => {
  /** It began from this memory, and covers what stands before an ordinal. */
  const summaryRequestOf = (memory: ConversationMemory, upTo: number): Change => ({
    ...base,
    kind: "folded",
    base: memory.base,
    summary: { ...summary, lines: summary.lines.map((line) => ({ ...line, text: "Folded" })), upTo },
  });
  const isSummarized = ({ summary: now }: ConversationMemory): boolean => now?.lines[0]?.text === "Folded";

  /** A bot deletes its post, and posts it again. */
  async function reposted(memory: ConversationMemory, count: number): Promise<ConversationMemory> {
    let now = memory;
    for (let each = 0; each < count; each += 1) {
      now = appendMessages(now, [message(`bot${each}`, "Read the rules!", "bot")], countTokens);
      now = (await change(now, deleted(`bot${each}`))).memory;
      now = appendMessages(now, [message(`said${each}`, `talk number ${each}`)], countTokens);
    }
    return now;
  }

  test("stays valid while messages that it has not read are deleted and edited repeatedly", async () => {
    for (const before of [talk(), { ...talk(), summary: { ...summary, upTo: 1 } }]) {
      const posted = await reposted(await reposted(before, 3), 40);
      const { memory } = await change(
        posted,
        edited("said1", "talk of something else"),
        summaryRequestOf(before, 3),
      );
      expect(isSummarized(memory)).toBe(true);
      // A second one, of the same base, rests on a summary that is not there any more.
      expect((await change(memory, summaryRequestOf(before, 4))).memory).toEqual(memory);
      // What the next one reads is the newest.
      const next = await reposted(memory, 3);
      expect(isSummarized((await change(next, summaryRequestOf(memory, 5))).memory)).toBe(true);
    }
  });

  test.each([
    ["is deleted", deleted("a")],
    ["is changed", edited("a", "The password is a secret")],
    ["may be anywhere", deleted("left-long-ago")],
  ])("is dropped when a message that it read %s, whatever follows", async (_, moved) => {
    const before = talk();
    for (const [early, late] of [
      [2, 0],
      [0, 2],
      [2, 2],
    ]) {
      const touched = (await change(await reposted(before, early ?? 0), moved)).memory;
      const memory = await reposted(touched, late ?? 0);
      expect(isSummarized((await change(memory, summaryRequestOf(before, 3))).memory)).toBe(false);
      // One that began after it has read it as it is now.
      expect(isSummarized((await change(memory, summaryRequestOf(touched, 3))).memory)).toBe(true);
    }
  });

  test("is rejected after more changes than are recorded, and memory stays small", async () => {
    const before = talk();
    const memory = await reposted(before, 300);
    expect(memory.moves?.at.length).toBeLessThanOrEqual(50);
    expect(isSummarized((await change(memory, summaryRequestOf(before, 3))).memory)).toBe(false);
  });

  test("is rejected if it covers a message that changed since", async () => {
    const before = await reposted(talk(), 4);
    const memory = (await change(before, deleted("said1"))).memory;
    const { ordinal = 0 } = before.messages.find(({ id }) => id === "said1") ?? {};
    expect(isSummarized((await change(memory, summaryRequestOf(before, ordinal + 1))).memory)).toBe(false);
    expect(isSummarized((await change(memory, summaryRequestOf(before, ordinal))).memory)).toBe(true);
  });
});

describe("the original of a quotation", () => {
  test.each([
    ["edited", edited("quoted:b", "another word")] as const,
    ["deleted", deleted("quoted:b")] as const,
  ])(
    "that is %s invalidates no summary if it is itself in the conversation after the summarised part",
    async (_, moved) => {
      const { memory } = await change({ ...talk(), summary }, moved);
      expect(memory.summary).toEqual(summary);
      const late = { ...summary, upTo: 4 };
      expect((await change({ ...talk(), summary: late }, moved)).memory.summary).toMatchObject({
        lines: [],
        isStale: true,
      });
    },
  );

  test("invalidates a summary that may cover it", async () => {
    const { memory } = await change({ ...talk(), summary }, deleted("quoted:elsewhere"));
    expect(memory.summary).toMatchObject({ lines: [], isStale: true });
  });
});

describe("an edited message", () => {
  test("has its new text, and is synced to the archive again", async () => {
    const { memory, postsToRetract } = await change(talk(), edited("b", "What can't you do, old friend?"));
    expect(memory.messages.find(({ id }) => id === "b")).toMatchObject({
      text: "What can't you do, old friend?",
      revision: 2,
    });
    expect(postsToRetract).toEqual([]);
  });

  test("retracts an answer that repeats its old text", async () => {
    const memory = appendReply(talk(), reply("rc", "It is swordfish-99.", ["b"]), countTokens);
    expect((await change(memory, edited("a", "The password is on paper"))).postsToRetract).toEqual([
      "room/rc",
    ]);
  });

  test("waits for the archive if it left memory; the last edit wins", async () => {
    const { memory } = await change(talk(), edited("gone", "one"), edited("gone", "two"));
    expect(memory.edits).toEqual([{ revision: 2, message: "gone", text: "two" }]);
  });
});

describe("an erased person", () => {
  const forgot = { ...base, kind: "forgot", forgetting: "f", author: "ada", beforeMs: 2_000 } as const;

  test("is removed with answers, name and summary; posts stay", async () => {
    const talking = {
      ...appendMessages(talk(), [message("new", "I am back", "ada", 3_000)], countTokens),
      summary,
    };
    const { memory, removedIds, postsToRetract } = await change(talking, forgot);
    expect(idsOf(memory)).toEqual(["b", "rb", "new"]);
    expect(removedIds).toEqual(["f", "a", "ra"]);
    expect(postsToRetract).toEqual([]);
    expect(memory.summary?.isStale).toBe(true);
    expect(memory.speakers.map(({ id }) => id)).toEqual(["bob"]);
    expect(memory.erasures[0]).toEqual({
      revision: 2,
      kind: "author",
      author: "ada",
      beforeOrdinal: 6,
      beforeMs: 2_000,
    });
  });
});

describe("a message past retention", () => {
  test("is removed without an erasure record, and with only its own summary lines", async () => {
    const young = { text: "Young", cites: [{ message: "y", ordinal: 2, saidAtMs: 1_200 }], tokens: 2 };
    const talking = { ...talk(), summary: { ...summary, lines: [...summary.lines, young] } };
    const { memory } = await change(talking, { ...base, kind: "expired", beforeMs: 1_100 });
    expect(idsOf(memory)).toEqual(["ra", "rb"]);
    expect(memory.summary?.lines).toEqual([young]);
    expect(memory.erasures).toEqual([]);
  });
});

describe("a finished summary", () => {
  const folded = (at: number) => ({ ...base, kind: "folded", base: at, summary }) as const;

  test("is stored, and the messages it covers leave the window", async () => {
    const { memory } = await change(talk(), folded(0));
    expect(memory).toMatchObject({ summary, windowFrom: 2, base: 1 });
  });

  test("is rejected if its messages have changed since", async () => {
    const { memory } = await change(talk(), deleted("a"), folded(0));
    expect(memory.summary).toBeUndefined();
  });
});

describe("a retracted reply", () => {
  test("leaves memory and the platform, wherever its posts are recorded", async () => {
    const retracted = { ...base, kind: "retracted", posts: ["elsewhere/1"] } as const;
    expect((await change(talk(), { ...retracted, message: "ra" })).postsToRetract).toEqual(["room/ra"]);
    expect((await change(talk(), { ...retracted, message: "long-gone" })).postsToRetract).toEqual([
      "elsewhere/1",
    ]);
  });

  test("stays if it is a newer version than the one that was retracted", async () => {
    const revision = talk().messages.find(({ id }) => id === "ra")?.revision ?? 0;
    const retracted = { ...base, kind: "retracted", message: "ra", posts: ["room/ra"] } as const;
    const { memory, postsToRetract } = await change(talk(), { ...retracted, revision: revision - 1 });
    expect([memory, postsToRetract]).toEqual([talk(), []]);
    expect(idsOf((await change(talk(), { ...retracted, revision })).memory)).not.toContain("ra");
  });
});
