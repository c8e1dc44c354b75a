import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { formatContent, formatMessage } from "../../../src/conversation/text/format-message.ts";
import { joinContents, partsOf, textOf, type Content } from "../../../src/domain/content.ts";
import { countTokens } from "../../../src/models/count-tokens.ts";
import { said } from "../../support/core/inbounds.ts";
import { openRealBench } from "../../support/core/real-bench.ts";

const plan = { name: "plan.pdf", ref: { platform: "fake", id: "F1" }, sizeBytes: 12 };
const map = { name: "a\nmap.png" };
const spoken = { role: "person", speaker: "Ada", text: "look", attachments: [plan, map] } as const;

describe("a message's content for the model", () => {
  test("is a text with its files in their places", () => {
    expect(formatContent(spoken, undefined, "[in reply to Bo]")).toEqual([
      { kind: "text", text: "Ada: look" },
      { kind: "text", text: "\n" },
      { kind: "file", ...plan },
      { kind: "text", text: "\n" },
      { kind: "file", ...map },
      { kind: "text", text: "\n[in reply to Bo]" },
    ]);
    expect(formatContent({ ...spoken, attachments: [] })).toBe("Ada: look");
  });

  test.each([
    [spoken, "Ada: look\n[file: plan.pdf]\n[file: a map.png]"],
    [{ ...spoken, text: "" }, "Ada: [file: plan.pdf]\n[file: a map.png]"],
    [{ ...spoken, text: "", attachments: [] }, "Ada: [called you without saying anything else]"],
    [{ ...spoken, role: "bot" } as const, "look\n[file: plan.pdf]\n[file: a map.png]"],
    [{ ...spoken, role: "bot", text: "" } as const, "[file: plan.pdf]\n[file: a map.png]"],
  ])("names its files where the model gets text only", (message, text) => {
    expect(formatMessage(message)).toBe(text);
  });

  test("reads the same, however its parts are joined", () => {
    const part = fc.oneof(
      fc.record({ kind: fc.constant("text" as const), text: fc.string() }),
      fc.record({ kind: fc.constant("file" as const), name: fc.string() }),
    );
    const content: fc.Arbitrary<Content> = fc.oneof(fc.string(), fc.array(part));
    fc.assert(
      fc.property(fc.array(content), fc.string(), (contents, between) => {
        expect(textOf(joinContents(contents, between))).toBe(contents.map(textOf).join(between));
        for (const each of contents) expect(textOf(partsOf(each))).toBe(textOf(each));
      }),
    );
  });

  test("counts its files by their stored size, or else by their names", () => {
    const text = countTokens("Ada: look\n\n");
    const counted = { ...plan, tokens: 1_000 };
    const content = formatContent({ ...spoken, attachments: [counted, map] });
    expect(countTokens(content)).toBeGreaterThan(1_000 + text);
    expect(countTokens(content)).toBeLessThan(1_100);
    expect(countTokens(formatContent(spoken))).toBe(countTokens(formatMessage(spoken)));
  });

  test("is counted once, its files separately, and passed to the model with their references", async () => {
    await using core = await openRealBench();
    const { message, ...rest } = said("a", "look");
    await core.take({ ...rest, message: { ...message, attachments: [plan] } });
    const [remembered] = (await core.remembered())?.messages ?? [];
    expect(remembered?.attachments).toEqual([{ ...plan, tokens: 4 }]);
    expect(remembered?.tokens).toBe(Math.ceil("Ada: look\n[file: plan.pdf]".length / 4) + 4);
    expect(core.model.prompts[0]?.messages).toEqual([
      { role: "person", text: "Ada: look\n[file: plan.pdf]" },
    ]);
    await core.file();
    expect((await core.archived())[0]?.attachments).toEqual([{ ...plan, tokens: 4 }]);
  });
});
