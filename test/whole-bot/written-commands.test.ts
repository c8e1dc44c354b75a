import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { expect, test } from "vitest";

import { startBot } from "../support/bot-process.ts";
import { DiscordStandIn } from "../support/discord/discord-stand-in.ts";
import { toldIn } from "../support/discord/waits.ts";
import { startSlackStandIn } from "../support/slack/slack-stand-in.ts";
import { startMarkedModel } from "../support/stages/marked-model.ts";
import { endMark } from "../support/stages/stage.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const patiently = { timeout: 60_000, interval: 20 };

/** The real program on Slack and Discord at once. */
async function openTown() {
  const opened = new AsyncDisposableStack();
  const model = opened.use(await startMarkedModel());
  const slack = opened.use(await startSlackStandIn());
  const discord = opened.use(new DiscordStandIn());
  await discord.listen(0);
  const folder = opened.use(temporaryFolder());
  const bot = opened.use(
    await startBot({
      ...model.settings,
      SLACK_API_URL: slack.apiUrl,
      SLACK_BOT_TOKEN: slack.settings.botToken,
      SLACK_SIGNING_SECRET: slack.settings.signingSecret,
      DISCORD_TOKEN: discord.token,
      DISCORD_API_URL: discord.apiUrl,
      DATA_DIR: folder.path,
    }),
  );
  slack.deliverTo(`${bot.url}/slack/events`);
  /** Whether every turn is finished: what a question shows is stored a moment later, before anybody could answer it. */
  const isAtRest = (): boolean => {
    const file = join(folder.path, "threadkeeper.sqlite");
    using database = new DatabaseSync(file, { readOnly: true, timeout: 1_000 });
    return database.prepare("SELECT COUNT(*) AS n FROM inbox").get()?.["n"] === 0;
  };
  return { model, slack, discord, isAtRest, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

test("written commands in a Slack DM and its threads run, with and without a mention, and never reach the model", async () => {
  await using town = await openTown();
  const { slack, model } = town;
  const whispers = () => slack.whispers.map(({ text }) => text).join("\n");
  const say = (text: string, more: { readonly threadTs?: string; readonly mention?: boolean } = {}) =>
    slack.say({ channel: "D1", user: "U1", text, ...more });
  const first = await say("The harbour opens at seven");
  await expect.poll(() => model.requests.length, patiently).toBe(1);
  await expect.poll(() => slack.posts("D1", first).length, patiently).toBeGreaterThan(0);

  await say("memory", { threadTs: first, mention: true });
  await expect.poll(whispers, patiently).toContain("word for word");
  // As a phone writes it, and as Slack writes an emoji.
  await say("Forget this. :pray::skin-tone-3:", { threadTs: first });
  await expect.poll(whispers, patiently).toContain("deletes everything I've stored from this");
  await say(":+1:", { threadTs: first });
  await expect.poll(whispers, patiently).toContain("Done. I deleted all");
  await say("recall harbour", { threadTs: first, mention: true });
  await expect.poll(whispers, patiently).toMatch(/found nothing|Nothing found/u);

  // Each message of a DM begins a thread: the yes may stand in another one than the question.
  await say("forget me");
  await expect.poll(whispers, patiently).toContain("everything I've stored from you");
  await expect.poll(town.isAtRest, patiently).toBe(true);
  await say("yes");
  await expect.poll(whispers, patiently).toContain("Deleting now");
  expect(model.requests).toHaveLength(1);
});

test("written commands in a Discord DM run, and so does a yes to a question asked there", async () => {
  await using town = await openTown();
  const { discord, model } = town;
  const direct = discord.directWith("Ann");
  const shown = () =>
    discord
      .posts(direct)
      .map(({ content }) => content)
      .join("\n");
  discord.say({ channel: direct, user: "Ann", text: "The harbour opens at seven" });
  await expect.poll(() => model.requests.length, patiently).toBe(1);
  discord.say({ channel: direct, user: "Ann", text: "memory", mention: true });
  await expect.poll(shown, patiently).toContain("word for word");
  discord.say({ channel: direct, user: "Ann", text: "forget this yes", mention: true });
  await expect.poll(shown, patiently).toContain("Done. I deleted all");

  const thread = discord.say({
    channel: discord.channel,
    user: "Ann",
    text: "The museum opens at ten",
    mention: true,
  });
  await expect.poll(() => model.requests.length, patiently).toBe(2);
  await expect.poll(() => discord.posts(thread).length, patiently).toBeGreaterThan(0);
  discord.say({ channel: thread, user: "Ann", text: "forget this", mention: true });
  await expect.poll(shown, patiently).toContain("reply `yes`");
  await expect.poll(town.isAtRest, patiently).toBe(true);
  discord.say({ channel: direct, user: "Ann", text: "yes" });
  await expect.poll(() => shown().match(/Done\. I deleted all/gu)?.length, patiently).toBe(2);
  expect(model.requests).toHaveLength(2);
});

test("a command that can't be announced in a Discord thread does not run, and the asker is told", async () => {
  await using town = await openTown();
  const { discord, model } = town;
  const thread = discord.say({
    channel: discord.channel,
    user: "Ann",
    text: "The museum opens at ten",
    mention: true,
  });
  await expect.poll(() => discord.posts(thread).length, patiently).toBeGreaterThan(0);
  discord.say({ channel: thread, user: "Ben", text: "And closes at six", mention: true });
  await expect.poll(() => model.requests.length, patiently).toBe(2);
  // What is whole is written no more.
  await expect.poll(() => discord.posts(thread)[1]?.content, patiently).toContain(endMark);
  discord.deny(thread, "send");
  const interaction = discord.slash({ channel: thread, user: "Ann", name: "reset", options: ["yes"] });
  await expect.poll(() => toldIn(interaction), patiently).toContain("I've changed nothing");
  const recalled = discord.slash({
    channel: thread,
    user: "Ben",
    name: "memory",
  });
  await expect.poll(() => toldIn(recalled), patiently).toContain("4 messages");
});
