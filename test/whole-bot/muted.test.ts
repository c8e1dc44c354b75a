import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { startBot, type BotProcess } from "../support/bot-process.ts";
import { startDiscordStandIn } from "../support/discord/discord-stand-in.ts";
import { redisIsMissing, startRedisServer } from "../support/redis-server.ts";
import { startSlackStandIn } from "../support/slack/slack-stand-in.ts";
import { startMarkedModel } from "../support/stages/marked-model.ts";
import { connectWeb } from "../support/web/web-client.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const patiently = { timeout: 60_000, interval: 20 };

test.skipIf(redisIsMissing)(
  "a thread stays muted through kills, also while the command runs, and answers again after unmute",
  async () => {
    await using opened = new AsyncDisposableStack();
    const redis = opened.use(await startRedisServer());
    const folder = opened.use(temporaryFolder());
    const model = opened.use(await startMarkedModel());
    const slack = opened.use(await startSlackStandIn());
    slack.addPerson("U1", "Ada");
    const settings = {
      ...model.settings,
      REDIS_URL: redis.url,
      SLACK_API_URL: slack.apiUrl,
      SLACK_BOT_TOKEN: slack.settings.botToken,
      SLACK_SIGNING_SECRET: slack.settings.signingSecret,
      DATA_DIR: folder.path,
    };
    const start = async () => {
      const bot = opened.use(await startBot(settings));
      slack.deliverTo(`${bot.url}/slack/events`);
      return bot;
    };
    const whispers = () => slack.whispers.map(({ text }) => text);
    const say = (text: string, threadTs?: string, mention = false) =>
      slack.say({
        channel: "C1",
        user: "U1",
        text,
        mention,
        ...(threadTs === undefined ? {} : { threadTs }),
      });

    const first = await start();
    const thread = await say("Where is the key?", undefined, true);
    await expect.poll(() => slack.posts("C1", thread).length, patiently).toBe(1);
    // Killed before its person can be told.
    slack.fail("chat.postEphemeral", { kind: "hang" });
    await say("mute", thread, true);
    await expect.poll(() => slack.faultsLeft("chat.postEphemeral"), patiently).toBe(0);
    await first.kill();

    const second = await start();
    await expect.poll(whispers, patiently).toEqual([expect.stringMatching(/^Muted\./u)]);
    await say("It is under the mat", thread);
    await say("Are you there?", thread, true);
    await expect
      .poll(whispers, patiently)
      .toEqual([expect.anything(), expect.stringMatching(/^I'm muted here/u)]);
    await second.kill();

    await start();
    await say("And now?", thread, true);
    await say("unmute", thread, true);
    await expect.poll(() => whispers().at(-1), patiently).toMatch(/^I'm back/u);
    expect(whispers()).toHaveLength(3);
    expect(slack.posts("C1", thread)).toHaveLength(1);
    await say("Where is it?", thread);
    await expect.poll(() => slack.posts("C1", thread).length, patiently).toBe(2);
    const prompt = () =>
      model.requests
        .at(-1)
        ?.messages.map(({ text }) => text)
        .join("\n");
    await expect.poll(prompt, patiently).toContain("under the mat");
  },
);

describe("in the web chat", () => {
  const opened = new AsyncDisposableStack();
  let model: Awaited<ReturnType<typeof startMarkedModel>>;
  let bot: BotProcess;
  beforeAll(async () => {
    model = opened.use(await startMarkedModel());
    const folder = opened.use(temporaryFolder());
    bot = opened.use(await startBot({ ...model.settings, DATA_DIR: folder.path }));
  });
  afterAll(() => opened.disposeAsync());

  test("a message while muted is shown without an answer, and its person is told why", async () => {
    await using page = await connectWeb(bot.url);
    const say = (id: string, text: string) => page.send({ type: "say", id, conversation: "c1", text });
    const order = (id: string, name: string) =>
      page.send({ type: "command", id, conversation: "c1", name, argument: "" });
    say("m1", "Where is the key?");
    await page.until("done");
    order("m2", "mute");
    expect((await page.until("notice")).text).toMatch(/^Muted\./u);
    say("m3", "Are you there?");
    // The page is shown the conversation as it is, without an answer.
    await expect.poll(() => JSON.stringify(page.of("history").at(-1)), patiently).toContain("Are you there?");
    expect((await page.until("notice", 2)).text).toBe("I'm muted here. `/unmute` lets me answer again.");
    expect(model.requests.filter(({ messages }) => messages.at(-1)?.text.includes("there?"))).toEqual([]);
  });

  test("an answer that is being written is completed when the bot is muted", async () => {
    const letGo = model.holdUntilLetGo();
    await using page = await connectWeb(bot.url);
    page.send({ type: "say", id: "m1", conversation: "c1", text: "Where is the key?" });
    const shown = () => JSON.stringify(page.frames);
    await expect.poll(shown, patiently).toContain("Half an answer");
    page.send({ type: "command", id: "m2", conversation: "c1", name: "mute", argument: "" });
    await page.until("accepted", 2);
    letGo();
    expect((await page.until("done")).text).toMatch(/^Half an answer, and .*∎$/u);
    expect((await page.until("notice")).text).toMatch(/^Muted\./u);
  });
});

test.skipIf(redisIsMissing)(
  "over two replicas, a reaction mutes a thread of Slack and one of Discord until it is removed",
  async () => {
    await using opened = new AsyncDisposableStack();
    const server = opened.use(await startRedisServer());
    const model = opened.use(await startMarkedModel());
    const slack = opened.use(await startSlackStandIn());
    const discord = opened.use(await startDiscordStandIn());
    slack.addPerson("U1", "Ada");
    const bots: BotProcess[] = [];
    for (let replica = 0; replica < 2; replica += 1) {
      const settings = {
        ...model.settings,
        REDIS_URL: server.url,
        SLACK_API_URL: slack.apiUrl,
        SLACK_BOT_TOKEN: slack.settings.botToken,
        SLACK_SIGNING_SECRET: slack.settings.signingSecret,
        DISCORD_TOKEN: discord.token,
        DISCORD_API_URL: discord.apiUrl,
        DATA_DIR: opened.use(temporaryFolder()).path,
      };
      bots.push(opened.use(await startBot(settings)));
    }
    slack.deliverTo(...bots.map(({ url }) => `${url}/slack/events`));
    const ran = (name: string) =>
      bots.flatMap(({ log }) =>
        log.filter((line) => line["command"] === name && line["changes"] !== undefined),
      );
    const shownBy = (posts: readonly { readonly isDeleted?: boolean }[]) =>
      posts.filter(({ isDeleted }) => isDeleted !== true).length;

    const root = await slack.say({ channel: "C1", user: "U1", text: "Where is the key?", mention: true });
    const question = discord.say({ channel: discord.channel, user: "Ana", text: "Where?", mention: true });
    const answers = () => [shownBy(slack.posts("C1", root)), shownBy(discord.posts(question))];
    await expect.poll(answers, patiently).toEqual([1, 1]);
    const react = async (isRemoved: boolean) => {
      await slack.react({ channel: "C1", user: "U1", ts: root, name: "mute", isRemoved });
      discord.react({ message: question, user: "Ana", emoji: "🔇", isRemoved });
      // Both replicas hear Discord.
      await expect.poll(() => ran(isRemoved ? "unmute" : "mute").length, patiently).toBe(3);
    };
    const ask = async (text: string) => {
      await slack.say({ channel: "C1", user: "U1", text, mention: true, threadTs: root });
      discord.say({ channel: question, user: "Ana", text, mention: true });
    };
    await react(false);
    await ask("Are you there?");
    const told = () => [
      slack.whispers.map(({ text }) => text),
      discord.posts(discord.directWith("Ana")).map(({ content }) => content),
    ];
    const isMuted = [expect.stringMatching(/^I'm muted here\./u)];
    await expect.poll(told, patiently).toEqual([isMuted, isMuted]);
    await react(true);
    expect(answers()).toEqual([1, 1]);
    await ask("And now?");
    await expect.poll(answers, patiently).toEqual([2, 2]);
    expect(told()).toEqual([isMuted, isMuted]);
  },
);
