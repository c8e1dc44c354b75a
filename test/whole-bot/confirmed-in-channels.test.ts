import { expect, test } from "vitest";

import { startBot } from "../support/bot-process.ts";
import { DiscordStandIn } from "../support/discord/discord-stand-in.ts";
import { startSlackStandIn } from "../support/slack/slack-stand-in.ts";
import { startMarkedModel } from "../support/stages/marked-model.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const patiently = { timeout: 60_000, interval: 20 };

test("a yes in a channel confirms a command of the same person, and never reaches the model", async () => {
  await using model = await startMarkedModel();
  await using slack = await startSlackStandIn();
  await using discord = new DiscordStandIn();
  await discord.listen(0);
  using folder = temporaryFolder();
  await using bot = await startBot({
    ...model.settings,
    SLACK_API_URL: slack.apiUrl,
    SLACK_BOT_TOKEN: slack.settings.botToken,
    SLACK_SIGNING_SECRET: slack.settings.signingSecret,
    DISCORD_TOKEN: discord.token,
    DISCORD_API_URL: discord.apiUrl,
    DATA_DIR: folder.path,
  });
  slack.deliverTo(`${bot.url}/slack/events`);

  const whispersTo = (user: string) =>
    slack.whispers
      .filter((each) => each.user === user)
      .map(({ text }) => text)
      .join("\n");
  const ask = async (user: string) => {
    const asked = model.requests.length;
    const root = await slack.say({ channel: "C1", user, text: "The harbour opens at seven", mention: true });
    await expect.poll(() => model.requests.length, patiently).toBe(asked + 1);
    await expect.poll(() => slack.posts("C1", root)[0]?.text, patiently).toContain("You said");
    return (by: string, text: string, mention = false) =>
      slack.say({ channel: "C1", user: by, text, threadTs: root, mention });
  };
  const anns = await ask("UANN");
  await anns("UANN", "forget me", true);
  await expect.poll(() => whispersTo("UANN"), patiently).toContain("everything I've stored from you");
  await anns("UBEN", "yes", true);
  await expect.poll(() => model.requests.length, patiently).toBe(2);
  expect(whispersTo("UANN")).not.toContain("Deleting now");
  await anns("UANN", "forget me", true);
  await expect.poll(() => whispersTo("UANN").match(/everything I've stored/gu)?.length, patiently).toBe(2);
  await anns("UANN", "yes");
  await expect.poll(() => whispersTo("UANN"), patiently).toContain("Deleting now");
  const cems = await ask("UCEM");
  await cems("UCEM", "forget me", true);
  await expect.poll(() => whispersTo("UCEM"), patiently).toContain("everything I've stored from you");
  await cems("UCEM", "Yes, please", true);
  await expect.poll(() => whispersTo("UCEM"), patiently).toContain("Deleting now");
  const dans = await ask("UDAN");
  await dans("UDAN", "forget this yes", true);
  await expect.poll(() => whispersTo("UDAN"), patiently).toContain("Done. I deleted all");
  expect(model.requests).toHaveLength(4);

  const thread = discord.say({
    channel: discord.channel,
    user: "Ann",
    text: "The museum opens at ten",
    mention: true,
  });
  await expect.poll(() => model.requests.length, patiently).toBe(5);
  await expect.poll(() => discord.posts(thread).at(-1)?.content, patiently).toContain("You said");
  const direct = () =>
    discord
      .posts(discord.directWith("Ann"))
      .map(({ content }) => content)
      .join("\n");
  discord.say({ channel: thread, user: "Ann", text: "forget me", mention: true });
  await expect.poll(direct, patiently).toContain("everything I've stored from you");
  discord.say({ channel: thread, user: "Ann", text: "yes" });
  await expect.poll(direct, patiently).toContain("Deleting now");
  expect(model.requests).toHaveLength(5);
});
