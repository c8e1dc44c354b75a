import { describe, expect, test } from "vitest";

import { withoutTimes } from "../support/texts/without-times.ts";
import { startBot, type BotProcess } from "../support/bot-process.ts";
import { DiscordStandIn } from "../support/discord/discord-stand-in.ts";
import { startSlackStandIn } from "../support/slack/slack-stand-in.ts";
import { markdownOf } from "../support/slack/slack-messages.ts";
import { startMarkedModel } from "../support/stages/marked-model.ts";
import { endMark } from "../support/stages/stage.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const patiently = { timeout: 60_000, interval: 20 };

const isCaughtUp = (bot: BotProcess): boolean => bot.log.some((line) => line["msg"] === "caught up");

describe("messages sent while the bot was not running", () => {
  test("are answered after the next start on Discord, several of one thread together", async () => {
    using folder = temporaryFolder();
    await using model = await startMarkedModel();
    await using discord = new DiscordStandIn();
    await discord.listen(0);
    const settings = {
      ...model.settings,
      DISCORD_TOKEN: discord.token,
      DISCORD_API_URL: discord.apiUrl,
      DATA_DIR: folder.path,
    };
    const answers = (channel: string): readonly string[] =>
      discord.posts(channel).map((post) => post.content);
    const begun = { channel: discord.channel, user: "Ann", mention: true };
    let thread = "";
    {
      await using bot = await startBot(settings);
      thread = discord.say({ ...begun, text: "The harbour opens at seven" });
      await expect.poll(() => answers(thread)[0], patiently).toContain(endMark);
      await bot.stop();
    }
    discord.say({ channel: thread, user: "Ann", text: "When does it open?" });
    discord.say({ channel: thread, user: "Ann", text: "Hello?" });
    const other = discord.say({ ...begun, text: "And the museum?" });
    await using bot = await startBot(settings);
    expect((await fetch(`${bot.url}/readyz`)).status).toBe(200);
    await expect.poll(() => answers(thread)[1], patiently).toContain(endMark);
    await expect.poll(() => answers(other)[0], patiently).toContain(endMark);
    await expect.poll(() => isCaughtUp(bot), patiently).toBe(true);
    expect(answers(thread)).toHaveLength(2);
    expect(answers(thread)[1]).toContain("Hello?");
    const prompts = model.requests.map(({ messages }) =>
      messages.map(({ text }) => withoutTimes(text)).join("\n"),
    );
    expect(prompts.filter((prompt) => prompt.includes("When does it open?"))).toHaveLength(1);
  });

  test("are remembered on Slack if they are too old, and one line states the downtime", async () => {
    using folder = temporaryFolder();
    await using model = await startMarkedModel();
    await using slack = await startSlackStandIn();
    const settings = {
      ...model.settings,
      SLACK_API_URL: slack.apiUrl,
      SLACK_BOT_TOKEN: slack.settings.botToken,
      SLACK_APP_TOKEN: slack.settings.appToken,
      DATA_DIR: folder.path,
      CATCH_UP_MAX_AGE_MS: "0",
    };
    const shown = (root: string): readonly string[] =>
      slack
        .posts("C1", root)
        .filter((post) => !post.isDeleted)
        .map(markdownOf);
    let root = "";
    {
      await using bot = await startBot(settings);
      root = await slack.say({ channel: "C1", user: "U1", text: "The code is 4711", mention: true });
      await expect.poll(() => shown(root)[0], patiently).toContain(endMark);
      await bot.stop();
    }
    slack.write({ channel: "C1", user: "U1", text: "Which code?", threadTs: root });
    slack.write({ channel: "C1", user: "U1", text: "Anybody?", threadTs: root });
    await using bot = await startBot(settings);
    await expect.poll(() => shown(root)[1], patiently).toMatch(/^I was offline .*–.* UTC/u);
    await expect.poll(() => isCaughtUp(bot), patiently).toBe(true);
    expect(model.requests).toHaveLength(1);
    await slack.say({ channel: "C1", user: "U1", text: "So?", threadTs: root, mention: true });
    await expect.poll(() => shown(root)[2], patiently).toContain(endMark);
    const prompt = model.requests.at(-1)?.messages.map(({ text }) => withoutTimes(text)) ?? [];
    expect(prompt.some((text) => text.endsWith("Which code?"))).toBe(true);
    expect(shown(root)).toHaveLength(3);
  });
});
