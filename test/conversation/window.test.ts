import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { buildPrompt } from "../../src/conversation/prompt-builder.ts";
import { nothingYet, withReply, withSaid } from "../../src/conversation/recollect.ts";
import { budgetOf, fitWindow } from "../../src/conversation/window.ts";
import type { Recollection } from "../../src/domain/recollection.ts";

const countTokens = (text: string): number => Math.ceil(text.length / 4);
const message = (id: string, text: string, by = "ada") => ({
  id,
  text,
  author: { id: by, name: by },
  saidAtMs: 0,
  attachments: [],
});
const remembering = (texts: readonly string[]): Recollection =>
  withSaid(
    nothingYet("fake:room:1"),
    texts.map((text, index) => message(`m${index}`, text)),
    countTokens,
  );
const tokensOf = (recollection: Recollection): number =>
  recollection.messages.reduce((sum, each) => sum + each.tokens, 0);

describe("the window", () => {
  test("never exceeds the budget, and keeps the newest messages in their order", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 400 }), { maxLength: 60 }), (texts) => {
        const fitted = fitWindow(remembering(texts), budgetOf(300), countTokens);
        expect(tokensOf(fitted)).toBeLessThanOrEqual(300);
        const ids = fitted.messages.map(({ id }) => id);
        expect(texts.map((_, index) => `m${index}`).slice(texts.length - ids.length)).toEqual(ids);
        expect(fitted.leftOut).toBe(texts.length - ids.length);
      }),
    );
  });

  test("shortens a message that alone is over the low mark, and says so in it", () => {
    const fitted = fitWindow(remembering(["x".repeat(50_000)]), budgetOf(300), countTokens);
    expect(fitted.messages).toHaveLength(1);
    expect(fitted.messages[0]?.text).toMatch(/shortened: \d+ characters are left out/u);
  });

  test("begins the next prompt with the last one, except at a cut", () => {
    let memory = nothingYet("fake:room:1");
    let before: readonly unknown[] = [];
    let cuts = 0;
    for (let turn = 0; turn < 100; turn += 1) {
      const text = `question ${turn} ${"word ".repeat(turn % 7)}`;
      memory = withSaid(memory, [message(`q${turn}`, text)], countTokens);
      memory = fitWindow(memory, budgetOf(500), countTokens);
      const { messages } = buildPrompt(memory, "");
      if (JSON.stringify(messages.slice(0, before.length)) !== JSON.stringify(before)) cuts += 1;
      before = messages;
      const reply = {
        id: `a${turn}`,
        role: "bot",
        text: `answer ${turn}`,
        answers: [],
        saidAtMs: 0,
      } as const;
      memory = withReply(memory, reply, countTokens);
    }
    expect(cuts).toBeGreaterThan(1);
    expect(cuts).toBeLessThan(20);
  });

  test("tells the model how many messages it can't see", () => {
    const fitted = fitWindow(
      remembering(Array.from({ length: 40 }, () => "y".repeat(60))),
      budgetOf(300),
      countTokens,
    );
    expect(buildPrompt(fitted, "").messages[0]?.text).toBe(
      `[${fitted.leftOut} earlier messages are left out here for length. If asked about them, say so.]`,
    );
  });

  test("lets earlier chapters go first", () => {
    const old = remembering(Array.from({ length: 10 }, () => "z".repeat(100)));
    const now = withSaid({ ...old, chapter: 2 }, [message("new", "n".repeat(600))], countTokens);
    const fitted = fitWindow(now, budgetOf(300), countTokens);
    expect(fitted.messages.at(-1)?.id).toBe("new");
    expect(fitted.leftOut).toBe(0);
    expect(tokensOf(fitted)).toBeLessThanOrEqual(300);
  });
});

describe("what was said", () => {
  test("is remembered once, however often it comes", () => {
    const once = remembering(["one", "two"]);
    const again = withSaid(
      once,
      [message("m0", "one"), message("m2", "three"), message("m2", "three")],
      countTokens,
    );
    expect(again.messages.map(({ id }) => id)).toEqual(["m0", "m1", "m2"]);
  });
});

describe("who said what", () => {
  test("keeps two people of the same name apart", () => {
    const sam = (id: string, text: string, by: string) => ({
      ...message(id, text, by),
      author: { id: by, name: "Sam" },
    });
    const twins = [sam("1", "hi", "u1"), sam("2", "hello", "u2"), sam("3", "again", "u1")];
    const memory = withSaid(nothingYet("fake:room:1"), twins, countTokens);
    expect(buildPrompt(memory, "").messages.map(({ text }) => text)).toEqual([
      "Sam: hi",
      "Sam (2): hello",
      "Sam: again",
    ]);
  });

  test("puts a message's text verbatim behind its speaker, whatever it holds", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1, maxLength: 500 }), (text) => {
        const memory = withSaid(nothingYet("fake:room:1"), [message("1", text)], countTokens);
        expect(buildPrompt(memory, "").messages[0]?.text).toBe(`ada: ${text}`);
      }),
    );
  });

  test("names files, and a call without words", () => {
    const file = { ...message("1", ""), attachments: [{ name: "plan.pdf" }] };
    const memory = withSaid(nothingYet("fake:room:1"), [file, message("2", "")], countTokens);
    expect(buildPrompt(memory, "").messages.map(({ text }) => text)).toEqual([
      "ada: [file: plan.pdf]",
      "ada: [called you without saying anything else]",
    ]);
  });
});
