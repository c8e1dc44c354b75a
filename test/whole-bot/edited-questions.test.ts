import { expect, test } from "vitest";

import { withoutTimes } from "../support/texts/without-times.ts";
import { startBot } from "../support/bot-process.ts";
import { openDiscordStage } from "../support/stages/discord-stage.ts";
import { startMarkedModel } from "../support/stages/marked-model.ts";
import { openSlackStage } from "../support/stages/slack-stage.ts";
import { endMark, type Stage } from "../support/stages/stage.ts";
import { openWebStage } from "../support/stages/web-stage.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const patiently = { timeout: 60_000, interval: 20 };
const stages: readonly (readonly [string, () => Promise<Stage> | Stage])[] = [
  ["Slack", () => openSlackStage("http")],
  ["Discord", openDiscordStage],
  ["the web chat", openWebStage],
];

test.each(stages)(
  "on %s, an edited question is answered again in the post of its answer",
  async (_name, open) => {
    using folder = temporaryFolder();
    await using model = await startMarkedModel();
    await using stage = await open();
    await using bot = await startBot({ ...stage.settings, ...model.settings, DATA_DIR: folder.path });
    await stage.connect(bot);
    const room = stage.openRoom("ada");
    const whole = (): readonly string[] => room.answers().filter((answer) => answer.endsWith(endMark));
    await room.say("When does the harbor open");
    await expect.poll(whole, patiently).toHaveLength(1);
    await room.say("And the market?");
    await expect.poll(whole, patiently).toHaveLength(2);
    await room.editFirst("When does the library open");
    await expect
      .poll(whole, patiently)
      .toEqual([expect.stringContaining("library open"), expect.stringContaining("And the market?")]);
    expect(room.answers()).toHaveLength(2);
    const again = model.requests.at(-1)?.messages.map(({ text }) => withoutTimes(text));
    expect(again).toEqual([expect.stringMatching(/^.+: When does the library open$/u)]);
    await room.say("Thanks");
    await expect.poll(whole, patiently).toHaveLength(3);
    const prompt =
      model.requests
        .at(-1)
        ?.messages.map(({ text }) => withoutTimes(text))
        .join("\n") ?? "";
    expect(prompt).not.toContain("harbor");
    expect(prompt.match(/library open/gu)).toHaveLength(2);
    expect(model.requests).toHaveLength(4);
  },
);
