import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { startDiscordStandIn, type DiscordStandIn } from "../../support/discord/discord-stand-in.ts";
import { openBot, type OpenBot } from "../../support/discord/open-bot.ts";
import { eventually } from "../../support/eventually.ts";

let discord: DiscordStandIn;
let bot: OpenBot;

beforeEach(async () => {
  discord = await startDiscordStandIn();
  bot = await openBot(discord);
});

afterEach(async () => {
  await bot[Symbol.asyncDispose]();
  await discord[Symbol.asyncDispose]();
});

const erased = () => bot.core.accepted.filter(({ kind }) => kind === "erased");
const logged = () => bot.log.map(({ message }) => message);

async function say(channel: string) {
  const id = discord.say({ channel, user: "Ann", text: "Hi", mention: true });
  await eventually(() => expect(bot.core.said.map(({ message }) => message.id)).toContain(id));
}

describe("a thread that people delete", () => {
  test.each([
    ["a public thread", false],
    ["a private one, which is a place of its own", true],
  ])("is erased with all its stored data: %s", async (_, isPrivate) => {
    const [thread, other] = [
      discord.openThread(discord.channel, { isPrivate }),
      discord.openThread(discord.channel),
    ];
    await say(thread);
    await say(other);
    discord.deleteChannel(thread);

    await eventually(() => expect(erased()).toHaveLength(1));
    expect(erased()).toEqual([
      {
        kind: "erased",
        conversation: `discord:${discord.guild}:${thread}`,
        dedupeId: `discord:${discord.guild}:${thread}:gone`,
        platform: "discord",
        place: `${discord.guild}:${isPrivate ? thread : discord.channel}`,
      },
    ]);
    expect(logged()).toContain("erased the conversations of a deleted Discord channel");
  });

  test("that was archived before is known by its event", async () => {
    const thread = discord.openThread(discord.channel);
    await say(thread);
    discord.archive(thread);
    const { core } = bot;
    await bot[Symbol.asyncDispose]();
    bot = await openBot(discord, core);
    discord.deleteChannel(thread);

    await eventually(() => expect(erased()).toHaveLength(1));
    expect(erased()).toMatchObject([{ place: `${discord.guild}:${discord.channel}` }]);
  });

  test("without stored messages erases nothing", async () => {
    const thread = discord.openThread(discord.channel);
    discord.deleteChannel(thread);
    await eventually(() => expect(bot.core.tries).toBe(1));
    expect(erased()).toEqual([]);
    expect(logged()).not.toContain("erased the conversations of a deleted Discord channel");
  });

  test("is erased later if neither Discord nor the store responds at first", async () => {
    const thread = discord.openThread(discord.channel);
    await say(thread);
    discord.fail({ path: /^\/channels\/\d+$/u, status: 500, times: 2 });
    bot.core.outages = 2;
    discord.deleteChannel(thread);

    await eventually(() => expect(erased()).toHaveLength(1));
    expect(discord.calls("GET", /^\/channels\/\d+$/u).map(({ status }) => status)).toContain(500);
    expect(bot.core.outages).toBe(0);
  });
});

describe("a channel that people delete", () => {
  test("is erased with all its conversations, private threads too, and no others", async () => {
    const channel = discord.addChannel().id;
    const [thread, secret] = [discord.openThread(channel), discord.openThread(channel, { isPrivate: true })];
    await say(thread);
    await say(secret);
    await say(discord.openThread(discord.channel));
    const place = `${discord.guild}:${channel}`;
    bot.core.list(place, `discord:${discord.guild}:71`, "A mention");
    bot.core.list(place, `discord:${place}`, "");
    bot.core.list(`${discord.guild}:${discord.channel}`, `discord:${discord.guild}:72`, "Elsewhere");
    discord.deleteChannel(channel);

    await eventually(() => expect(erased()).toHaveLength(4));
    expect(new Map(erased().map((each) => [each.conversation, each.place]))).toEqual(
      new Map([
        [`discord:${discord.guild}:71`, place],
        [`discord:${place}`, place],
        [`discord:${discord.guild}:${thread}`, place],
        [`discord:${discord.guild}:${secret}`, `${discord.guild}:${secret}`],
      ]),
    );
  });
});

test("a deleted channel's conversations that only the archive has are erased when the archive is back", async () => {
  const channel = discord.addChannel().id;
  const place = `${discord.guild}:${channel}`;
  bot.core.list(place, `discord:${discord.guild}:71`, "Long ago");
  bot.core.isArchiveAway = true;
  discord.deleteChannel(channel);
  await eventually(() =>
    expect(logged()).toContain("could not store a Discord event yet; it is retried, check the store"),
  );
  expect(erased()).toEqual([]);
  bot.core.isArchiveAway = false;
  await eventually(() => expect(erased()).toHaveLength(1));
});

describe("nothing is erased", () => {
  test.each([
    ["which we may no longer see", (channel: string) => discord.deny(channel, "view")],
    ["which is still there", () => undefined],
  ])("of a channel %s, despite its event", async (_, change) => {
    const channel = discord.addChannel().id;
    bot.core.list(`${discord.guild}:${channel}`, `discord:${discord.guild}:71`, "A mention");
    change(channel);
    discord.gateway.dispatch("CHANNEL_DELETE", { id: channel, guild_id: discord.guild, type: 0 });

    const unseen = "the bot lost access to a Discord channel that still exists; nothing is erased";
    await eventually(() => expect(logged()).toContain(unseen));
    expect(erased()).toEqual([]);
  });

  test("when the bot is removed from the server, or the server is unavailable", async () => {
    const thread = discord.openThread(discord.channel);
    await say(thread);
    for (const unavailable of [true, undefined]) {
      discord.gateway.dispatch("GUILD_DELETE", { id: discord.guild, unavailable });
    }
    discord.say({ channel: discord.directWith("Ann"), user: "Ann", text: "Still there?" });
    await eventually(() => expect(bot.core.said).toHaveLength(2));
    expect(erased()).toEqual([]);
  });

  test("when a DM is closed", async () => {
    const direct = discord.directWith("Ann");
    await say(direct);
    discord.gateway.dispatch("CHANNEL_DELETE", { id: direct, type: 1, recipients: [] });
    await say(direct);
    expect(erased()).toEqual([]);
  });
});
