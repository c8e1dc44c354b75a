import type { types } from "@slack/bolt";

import { languages, lengths, type Preferences } from "../../../domain/preferences.ts";
import { homeActions } from "../wire/action-ids.ts";
import { mrkdwn, plain } from "./mrkdwn.ts";

const languageOptions = [
  optionOf("The language of the question", "question"),
  ...Object.entries(languages).map(([code, { ownName }]) => optionOf(ownName, code)),
];
const lengthNames: Readonly<Record<Preferences["length"], string>> = {
  normal: "Normal",
  short: "Short",
  detailed: "Detailed",
};
const lengthOptions = lengths.map((length) => optionOf(lengthNames[length], length));

/** The menus with what the owner has chosen. */
export function preferenceBlocks({ language, length }: Preferences): types.KnownBlock[] {
  return [
    menu("*Language of my answers*", homeActions.language, languageOptions, language),
    menu("*Length of my answers*", homeActions.length, lengthOptions, length),
    {
      type: "context",
      elements: [
        mrkdwn("For answers to your own questions, wherever you ask. You can still ask for something else."),
      ],
    },
  ];
}

function menu(
  text: string,
  actionId: string,
  options: readonly types.PlainTextOption[],
  chosen: string,
): types.SectionBlock {
  const initial = options.find(({ value }) => value === chosen);
  return {
    type: "section",
    text: mrkdwn(text),
    accessory: {
      type: "static_select",
      action_id: actionId,
      options: [...options],
      ...(initial === undefined ? {} : { initial_option: initial }),
    },
  };
}

function optionOf(text: string, value: string): types.PlainTextOption {
  return { text: plain(text), value };
}
