import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { textOf, type Content } from "../../../src/domain/content.ts";
import { openChapter, undoReset } from "../../../src/conversation/memory/chapters.ts";
import { buildPrompt } from "../../../src/conversation/prompt/build-prompt.ts";
import { appendReply, appendMessages } from "../../../src/conversation/memory/append.ts";
import {
  fitWindow,
  needsSummary,
  countPromptTokens,
  windowOf,
} from "../../../src/conversation/memory/window.ts";
import type { ConversationMemory } from "../../../src/domain/conversation-memory.ts";
import { withoutTimes } from "../../support/texts/without-times.ts";
import { emptyMemory, advanceRevision } from "../../../src/conversation/memory/new-memory.ts";
import { budgetOf } from "../../../src/conversation/memory/budget.ts";

const countTokens = (content: Content): number => Math.ceil(textOf(content).length / 4);
const location = { platform: "fake", place: "room" };
const nothing = emptyMemory("fake:room:1", location);
const message = (id: string, text: string, by = "ada") => ({
  id,
  text,
  author: { id: by, name: by },
  saidAtMs: 0,
  attachments: [],
});
const remembering = (texts: readonly string[]): ConversationMemory =>
  appendMessages(
    nothing,
    texts.map((text, index) => message(`m${index}`, text)),
    countTokens,
  );
const fit = (
  memory: ConversationMemory,
  promptTokens: number,
  syncedRevision = Infinity,
  nowMs = 0,
): ConversationMemory =>
  fitWindow(memory, { budget: budgetOf(promptTokens), countTokens, syncedRevision, nowMs });
const when = { nowMs: 0, timeZone: "UTC" };
const promptOf = async (memory: ConversationMemory, promptTokens = 300) => {
  const parts = { instructions: "", budget: budgetOf(promptTokens), countTokens, when, person: "ada" };
  const { messages } = await buildPrompt(memory, parts);
  return { messages: messages.map(({ role, content }) => ({ role, text: withoutTimes(textOf(content)) })) };
};
const idsOf = (messages: readonly { readonly id: string }[]): readonly string[] =>
  messages.map(({ id }) => id);

describe("the window", () => {
  test("never exceeds the budget, and keeps the newest messages in their order", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 400 }), { maxLength: 60 }), (texts) => {
        const fitted = fit(remembering(texts), 300);
        expect(countPromptTokens(fitted, budgetOf(300))).toBeLessThanOrEqual(300);
        const ids = idsOf(windowOf(fitted));
        expect(texts.map((_, index) => `m${index}`).slice(texts.length - ids.length)).toEqual(ids);
        expect(fitted.leftOut).toBe(texts.length - ids.length);
        expect(fitted.messages).toEqual(windowOf(fitted));
      }),
    );
  });

  test("loses no message that the archive lacks, and doubles none", () => {
    const said = remembering(Array.from({ length: 40 }, () => "y".repeat(60)));
    const unfiled = fit({ ...said, revision: 1 }, 300, -1);
    expect(unfiled.messages).toHaveLength(40);
    expect(windowOf(unfiled).length).toBeLessThan(40);
    const syncedRevision = fit(unfiled, 300);
    expect(syncedRevision.messages).toEqual(windowOf(unfiled));
    expect(syncedRevision.leftOut).toBe(unfiled.leftOut);
  });

  test("truncates a message above the low mark in prompts, and in memory once it is synced", async () => {
    const said = remembering(["x".repeat(50_000)]);
    const shortenedMark = /shortened: \d+ characters are left out/u;
    const unfiled = fit(said, 300, -1);
    expect(unfiled.messages[0]?.text).toHaveLength(50_000);
    const syncedRevision = fit(said, 300);
    expect(syncedRevision.messages[0]?.text).toMatch(shortenedMark);
    expect(await promptOf(syncedRevision)).toEqual(await promptOf(unfiled));
  });

  test("keeps each prompt a prefix of the next, except at a cut", async () => {
    let memory = nothing;
    let before: readonly unknown[] = [];
    let cuts = 0;
    for (let turn = 0; turn < 100; turn += 1) {
      const text = `question ${turn} ${"word ".repeat(turn % 7)}`;
      memory = appendMessages(advanceRevision(memory, location, 0), [message(`q${turn}`, text)], countTokens);
      memory = fit(memory, 500);
      const { messages } = await promptOf(memory, 500);
      if (JSON.stringify(messages.slice(0, before.length)) !== JSON.stringify(before)) cuts += 1;
      before = messages;
      const reply = {
        id: `a${turn}`,
        role: "bot",
        text: `answer ${turn}`,
        answers: [],
        saidAtMs: 0,
      } as const;
      memory = appendReply(memory, { ...reply, posts: [], sources: [] }, countTokens);
    }
    expect(cuts).toBeGreaterThan(1);
    expect(cuts).toBeLessThan(20);
  });

  test("tells the model how many messages are left out, and requests a summary", async () => {
    const fitted = fit(remembering(Array.from({ length: 40 }, () => "y".repeat(60))), 300);
    expect((await promptOf(fitted)).messages[0]?.text).toContain(
      `[${fitted.leftOut} earlier messages are left out here`,
    );
    expect(needsSummary(fitted, budgetOf(300))).toBe(true);
  });

  test("is summarized before the budget is reached", () => {
    const few = remembering(Array.from({ length: 10 }, () => "y".repeat(40)));
    expect(needsSummary(few, budgetOf(300))).toBe(false);
    const many = remembering(Array.from({ length: 14 }, () => "y".repeat(50)));
    expect(fit(many, 300).leftOut).toBe(0);
    expect(needsSummary(many, budgetOf(300))).toBe(true);
  });
});

describe("a new chapter", () => {
  const old = remembering(Array.from({ length: 10 }, (_, index) => `old ${index} ${"word ".repeat(20)}`));

  test("is all that prompts hold, and the old one leaves memory first", async () => {
    const now = appendMessages(openChapter(old, 0), [message("new", "n".repeat(800))], countTokens);
    const fitted = fit(now, 300);
    expect((await promptOf(fitted)).messages.map(({ text }) => text.slice(0, 8))).toEqual(["ada: nnn"]);
    expect(fitted.messages.length).toBeLessThan(11);
    expect(fitted.leftOut).toBe(0);
  });

  test("joins the old one when the reset is undone within a day", () => {
    const now = appendMessages(openChapter(old, 0), [message("new", "new")], countTokens);
    const joined = undoReset(fit(now, 400), 86_000_000);
    expect(idsOf(windowOf(joined ?? nothing))).toEqual([...idsOf(old.messages), "new"]);
    expect(joined?.leftOut).toBe(0);
    expect(undoReset(now, 86_400_001)).toBeUndefined();
    expect(undoReset(joined ?? nothing, 0)).toBeUndefined();
  });

  test("rejoins the old one as far as memory has it, and the rest is summarized", () => {
    const now = appendMessages(openChapter(old, 0), [message("new", "n".repeat(800))], countTokens);
    const joined = undoReset(fit(now, 300), 0) ?? nothing;
    expect(joined.leftOut).toBeGreaterThan(0);
    expect(windowOf(joined)).toHaveLength(11 - joined.leftOut);
    expect(needsSummary(joined, budgetOf(300))).toBe(true);
  });

  test("keeps nothing of the old one in memory after that day", () => {
    const now = appendMessages(openChapter(old, 0), [message("new", "new")], countTokens);
    const fitted = fit(now, 300, Infinity, 86_400_001);
    expect(idsOf(fitted.messages)).toEqual(["new"]);
    expect(fitted.closed).toBeUndefined();
  });
});

describe("a message", () => {
  test("is remembered once, however often it is delivered", () => {
    const once = remembering(["one", "two"]);
    const again = appendMessages(
      once,
      [message("m0", "one"), message("m2", "three"), message("m2", "three")],
      countTokens,
    );
    expect(again.messages.map(({ id }) => id)).toEqual(["m0", "m1", "m2"]);
  });
});

describe("the window's record of speakers", () => {
  test("keeps two people of the same name apart", async () => {
    const sam = (id: string, text: string, by: string) => ({
      ...message(id, text, by),
      author: { id: by, name: "Sam" },
    });
    const twins = [sam("1", "hi", "u1"), sam("2", "hello", "u2"), sam("3", "again", "u1")];
    const memory = appendMessages(nothing, twins, countTokens);
    expect((await promptOf(memory, 4_000)).messages.map(({ text }) => text)).toEqual([
      "Sam: hi",
      "Sam (2): hello",
      "Sam: again",
    ]);
  });

  test("puts any message's text verbatim after its speaker", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary", minLength: 1, maxLength: 500 }), async (text) => {
        const memory = appendMessages(nothing, [message("1", text)], countTokens);
        expect((await promptOf(memory, 4_000)).messages[0]?.text).toBe(`ada: ${text}`);
      }),
    );
  });

  test("names files, and a call without words", async () => {
    const file = { ...message("1", ""), attachments: [{ name: "plan.pdf" }] };
    const memory = appendMessages(nothing, [file, message("2", "")], countTokens);
    expect((await promptOf(memory, 4_000)).messages.map(({ text }) => text)).toEqual([
      "ada: [file: plan.pdf]",
      "ada: [called you without saying anything else]",
    ]);
  });
});
