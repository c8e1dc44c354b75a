import { ButtonStyle, ComponentType, type APIButtonComponentWithCustomId } from "discord.js";
import { describe, expect, test } from "vitest";

import { cardOf } from "../../../src/platforms/discord/wire/card.ts";
import { grouped } from "../../../src/platforms/discord/outbound/response-forms.ts";
import { readWritten } from "../../support/discord/written.ts";

const cardFlag = 1 << 15;
const pressable: APIButtonComponentWithCustomId = {
  type: ComponentType.Button,
  style: ButtonStyle.Secondary,
  label: "Yes",
  custom_id: "yes",
};

describe("a card", () => {
  const none = { texts: [], files: [], buttons: [] };
  const file = { name: "a.md", mediaType: "text/markdown", text: "" };
  const yes = { button: pressable, line: "yes" };

  test.each([
    ["more text", { ...none, texts: ["x".repeat(2_000), "x".repeat(2_001)] }],
    [
      "more text with the name of a file",
      { ...none, texts: ["x".repeat(2_000), "x".repeat(1_997)], files: [file] },
    ],
    [
      "more text with the label of a button",
      { ...none, texts: ["x".repeat(2_000), "x".repeat(1_998)], buttons: [yes] },
    ],
    ["more parts", { ...none, texts: Array.from({ length: 11 }, () => "x") }],
    ["two files of one name", { ...none, files: [file, file] }],
    ["a file of an odd name", { ...none, files: [{ ...file, name: "a b.md" }] }],
    ["nothing", { ...none, texts: [" "] }],
  ])("has no room for %s", (_, content) => {
    expect(cardOf(content)).toBeUndefined();
    expect(cardOf({ ...none, texts: ["x".repeat(2_000), "x".repeat(1_996)], files: [file] })).toBeDefined();
  });
});

test("a button stands beside the first of two equal lines", () => {
  const yes = { button: pressable, line: "- yes" };
  const card = cardOf({ texts: ["- yes\n- yes"], files: [], buttons: [yes] });
  expect(card?.components[0].components.map(({ type }) => type)).toEqual([9, 10]);
});

test("what comes after a file or a button is in a message of its own", () => {
  const target = {
    interaction: "i",
    application: "a",
    token: "t",
    how: "interaction",
    channel: "c",
    user: "u",
    topic: "1",
  } as const;
  const file = { name: "a.md", mediaType: "text/markdown", text: "" };
  const offer = { id: "o", atMs: 1, choices: [], orElse: "" };
  const [one, two] = [
    { text: "one", files: [] },
    { text: "two", files: [] },
  ];
  const sizes = (...all: Parameters<typeof grouped>[0]) => grouped(all, target).map(({ length }) => length);
  expect(sizes(one, two)).toEqual([2]);
  expect(sizes({ ...one, files: [file] }, two)).toEqual([1, 1]);
  expect(sizes({ ...one, offer }, two)).toEqual([1, 1]);
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
