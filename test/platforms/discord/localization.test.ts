import { describe, expect, test } from "vitest";

import { commandsWith } from "../../../src/commands/all-commands.ts";
import { conversationOption } from "../../../src/platforms/discord/inbound/conversation-option.ts";
import { messageMenus, privateQuestion } from "../../../src/platforms/discord/inbound/message-menus.ts";
import { askFormTexts } from "../../../src/platforms/discord/wire/ask-form.ts";
import { french } from "../../../src/platforms/discord/localization/french.ts";
import { german } from "../../../src/platforms/discord/localization/german.ts";
import { japanese } from "../../../src/platforms/discord/localization/japanese.ts";
import { localize } from "../../../src/platforms/discord/localization/localize.ts";
import { spanish } from "../../../src/platforms/discord/localization/spanish.ts";

const definitions = commandsWith({ makesImages: true }).map(({ definition }) => definition);
const texts = new Set([
  conversationOption.description,
  ...Object.values(messageMenus),
  ...Object.values(askFormTexts),
  ...[...definitions, privateQuestion].flatMap(({ description, text, options }) =>
    [description, text?.description ?? description].concat(options.map((option) => option.description)),
  ),
]);

describe("the texts of all commands, their options, menus and forms", () => {
  test.each(Object.entries({ german, french, spanish, japanese }))("are all in %s", (_, translations) => {
    expect(Object.keys(translations).toSorted()).toEqual([...texts].toSorted());
    for (const [english, text] of Object.entries(translations)) {
      expect(text).not.toBe(english);
      expect(text).toMatch(/^\S.{0,98}\S$/u);
    }
  });

  test("are short enough for menus and labels", () => {
    for (const name of Object.values(messageMenus))
      for (const text of Object.values(localize(name))) expect(text?.length).toBeLessThanOrEqual(32);
    for (const name of Object.values(askFormTexts))
      for (const text of Object.values(localize(name))) expect(text?.length).toBeLessThanOrEqual(45);
  });

  test("are given to Discord by its names of the languages", () => {
    for (const text of texts)
      expect(Object.keys(localize(text)).toSorted()).toEqual(["de", "es-419", "es-ES", "fr", "ja"]);
    expect(localize("A text of another version")).toEqual({});
  });
});
