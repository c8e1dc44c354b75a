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
const contextTokens = 1_000;
const stages: readonly (readonly [string, () => Promise<Stage> | Stage])[] = [
  ["Slack", () => openSlackStage("http")],
  ["Discord", openDiscordStage],
  ["the web chat", openWebStage],
];

test.each(stages)(
  "on %s, the answer to a deleted question is deleted, whether it is new or old",
  async (_name, open) => {
    using folder = temporaryFolder();
    await using model = await startMarkedModel();
    await using stage = await open();
    await using bot = await startBot({
      ...stage.settings,
      ...model.settings,
      DATA_DIR: folder.path,
      CONTEXT_TOKENS: contextTokens.toString(),
    });
    await stage.connect(bot);
    const askIn = (name: string) => {
      const room = stage.openRoom(name);
      const whole = (): readonly string[] => room.answers().filter((answer) => answer.endsWith(endMark));
      const ask = async (text: string): Promise<void> => {
        const count = whole().length + 1;
        await room.say(text);
        await expect.poll(whole, patiently).toHaveLength(count);
      };
      return { room, ask };
    };
    const ada = askIn("ada");
    await ada.ask("When does the harbor open");
    await ada.ask("And the market?");
    await ada.room.deleteFirst();
    await expect.poll(ada.room.answers, patiently).toEqual([expect.stringContaining("market")]);
    const eve = askIn("eve");
    await eve.ask("When does the library open");
    const prompt = (): string =>
      model.requests
        .at(-1)
        ?.messages.map(({ text }) => withoutTimes(text))
        .join("\n") ?? "";
    for (let index = 0; prompt().includes("library") || index === 0; index += 1) {
      expect(index).toBeLessThan(40);
      await eve.ask(`Thanks, number ${index}, ${"and so on ".repeat(25)}`);
    }
    const before = eve.room.answers().length;
    await eve.room.deleteFirst();
    await expect.poll(() => eve.room.answers().join("\n"), patiently).not.toContain("library");
    expect(eve.room.answers()).toHaveLength(before - 1);
  },
);
