import { expect, test } from "vitest";

import { startBot } from "../support/bot-process.ts";
import { DiscordStandIn } from "../support/discord/discord-stand-in.ts";
import { startSlackStandIn } from "../support/slack/slack-stand-in.ts";
import { startMarkedModel } from "../support/stages/marked-model.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const patiently = { timeout: 60_000, interval: 20 };

test("a person whose question can't be answered in its place is told why, privately and once", async () => {
  await using model = await startMarkedModel();
  await using slack = await startSlackStandIn();
  await using discord = new DiscordStandIn();
  await discord.listen(0);
  using folder = temporaryFolder();
  const start = () =>
    startBot({
      ...model.settings,
      SLACK_API_URL: slack.apiUrl,
      SLACK_BOT_TOKEN: slack.settings.botToken,
      SLACK_SIGNING_SECRET: slack.settings.signingSecret,
      DISCORD_TOKEN: discord.token,
      DISCORD_API_URL: discord.apiUrl,
      DATA_DIR: folder.path,
    });
  const first = await start();
  slack.deliverTo(`${first.url}/slack/events`);

  slack.fail("chat.postMessage", { kind: "error", error: "restricted_action" }, 50, "C1");
  await slack.say({ channel: "C1", user: "U1", text: "The harbour opens at seven", mention: true });
  const told = () => slack.whispers.map(({ text }) => text);
  await expect.poll(told, patiently).toEqual([expect.stringContaining("only certain people may post there")]);
  slack.refuse("C2", "is_archived");
  await slack.say({ channel: "C2", user: "U1", text: "And the museum?", mention: true });
  const direct = () => slack.messages.all.filter(({ channel }) => channel === "D1").map(({ text }) => text);
  await expect.poll(direct, patiently).toEqual([expect.stringContaining("the channel is archived")]);

  const { id: room } = discord.addChannel();
  discord.deny(room, "sendInThreads");
  const question = discord.say({
    channel: room,
    user: "Ann",
    text: "The museum opens at ten",
    mention: true,
  });
  const shown = () => discord.posts(room).map(({ content }) => content);
  await expect.poll(() => shown().at(-1), patiently).toContain("The museum opens at ten");
  expect(discord.posts(room)[0]).toMatchObject({ replyTo: question });
  expect(discord.world.channels.has(question)).toBe(false);
  const answer = discord.posts(room)[0]?.id ?? "";
  discord.say({ channel: room, user: "Ann", text: "And when does it close?", replyTo: answer });
  await expect.poll(() => shown().length, patiently).toBe(2);
  expect(JSON.stringify(model.requests.at(-1)?.messages)).toContain("The museum opens at ten");

  const { id: closed } = discord.addChannel();
  discord.deny(closed, "send", "threads");
  discord.say({ channel: closed, user: "Ben", text: "Where is the market?", mention: true });
  const bens = () => discord.posts(discord.directWith("Ben")).map(({ content }) => content);
  await expect.poll(bens, patiently).toEqual([expect.stringContaining("I don't have permission")]);

  expect(await first.stop()).toBe(0);
  await using second = await start();
  slack.deliverTo(`${second.url}/slack/events`);
  await slack.deliveries.redeliver();
  await slack.say({ channel: "C3", user: "U1", text: "Are you there?", mention: true });
  await expect
    .poll(() => JSON.stringify(model.requests.at(-1)?.messages), patiently)
    .toContain("Are you there?");
  expect([told().length, direct().length, bens().length]).toEqual([1, 1, 1]);
});
