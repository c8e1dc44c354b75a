import { describe, expect, test } from "vitest";

import { cardOf } from "../../../src/platforms/discord/wire/card.ts";
import { readWritten } from "../../support/discord/written.ts";

const cardFlag = 1 << 15;

describe("a card", () => {
  const none = { texts: [], files: [], buttons: [] };
  const file = { name: "a.md", mediaType: "text/markdown", text: "" };

  test.each([
    ["more text", { ...none, texts: ["x".repeat(2_000), "x".repeat(2_001)] }],
    ["more parts", { ...none, texts: Array.from({ length: 11 }, () => "x") }],
    ["two files of one name", { ...none, files: [file, file] }],
    ["a file of an odd name", { ...none, files: [{ ...file, name: "a b.md" }] }],
    ["nothing", { ...none, texts: [" "] }],
  ])("has no room for %s", (_, content) => {
    expect(cardOf(content)).toBeUndefined();
    expect(cardOf({ ...none, texts: ["x".repeat(2_000), "x".repeat(1_996)], files: [file] })).toBeDefined();
  });
});

describe("the stand-in refuses, as Discord does,", () => {
  const text = { type: 10, content: "Hm" };
  const card = { flags: cardFlag, components: [text] };
  const plain = readWritten({ content: "Hm" });
  const written = readWritten(card);
  const button = { type: 2, style: 2, label: "Yes", custom_id: "yes" };
  const section = { type: 9, components: [text], accessory: button };

  test.each([
    ["content beside the components", { ...card, content: "Hm" }, undefined],
    ["embeds beside the components", { ...card, embeds: null }, undefined],
    ["an edit that leaves the content", card, plain],
    ["an edit back to plain content", { content: "Hm", flags: 4 }, written],
    ["content in an edit of a card", { content: "Hm" }, written],
    ["such components without the flag", { content: "Hm", components: [text] }, undefined],
    ["too much text", { ...card, components: [{ ...text, content: "x".repeat(4_001) }] }, undefined],
    ["too many components", { ...card, components: Array.from({ length: 41 }, () => text) }, undefined],
    ["two buttons of one id", { ...card, components: [section, section] }, undefined],
    ["a button of its own", { ...card, components: [button] }, undefined],
    [
      "a file that did not come",
      { ...card, components: [{ type: 13, file: { url: "attachment://a" } }] },
      undefined,
    ],
    ["nothing", { ...card, components: [] }, undefined],
  ])("%s", (_, body, before) => {
    expect(() => readWritten(body, before)).toThrow("Invalid Form Body");
    expect(readWritten({ ...card, content: null }, plain)).toMatchObject({ content: "", flags: cardFlag });
  });
});
