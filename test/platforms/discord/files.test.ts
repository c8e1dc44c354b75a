import { inspect } from "node:util";

import { getGlobalDispatcher, setGlobalDispatcher } from "undici";
import { afterAll, assert, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { startDiscordStandIn, type DiscordStandIn } from "../../support/discord/discord-stand-in.ts";
import { Core, never, openBot, type OpenBot } from "../../support/discord/open-bot.ts";
import { answered, commandIn, contentsOf } from "../../support/discord/waits.ts";
import { eventually } from "../../support/eventually.ts";

let discord: DiscordStandIn;
let bot: OpenBot;
let core: Core;

beforeAll(async () => {
  // As in a bot that has Slack too: its client loads a newer undici than Discord's, which takes over all requests.
  setGlobalDispatcher(getGlobalDispatcher());
  discord = await startDiscordStandIn();
});

afterAll(async () => {
  await discord[Symbol.asyncDispose]();
});

beforeEach(async () => {
  discord.heal();
  core = new Core();
  bot = await openBot(discord, core);
  return () => bot[Symbol.asyncDispose]();
});

describe("a file for the asker", () => {
  const markdown = {
    name: "conversation.md",
    mediaType: "text/markdown; charset=utf-8",
    text: "# Grüße\n\u{1F600}",
  };
  const json = { name: "conversation.json", mediaType: "application/json; charset=utf-8", text: "{}" };
  const given = { text: "Here it is.", files: [markdown, json] };
  const uploaded = [markdown, json].map(({ name, mediaType, text }) => ({
    name,
    type: mediaType,
    bytes: Buffer.from(text),
  }));

  async function slashed(user: string) {
    const thread = discord.openThread(discord.channel);
    const interaction = discord.slash({ channel: thread, user, name: "summary" });
    return { thread, interaction, replyTo: (await commandIn(core)).replyTo };
  }

  /** Writes to the bot; gives where to answer. */
  async function written(channel: string, user: string) {
    const id = discord.say({ channel, user, text: "export", mention: true });
    await eventually(() => expect(core.said.map(({ message }) => message.id)).toContain(id));
    const said = core.said.find(({ message }) => message.id === id);
    assert(said);
    return said.replyTo;
  }

  test("fills the private response, byte for byte and without pings", async () => {
    const { thread, interaction, replyTo } = await slashed("Ann");
    await bot.platform.sendFilesPrivately(replyTo, given, never);

    expect(interaction.callbacks).toMatchObject([{ type: 5, data: { flags: 68 } }]);
    expect(contentsOf(interaction.original)).toEqual(["Here it is."]);
    const shown = uploaded.map(({ name }) => ({ type: 13, file: { url: `attachment://${name}` } }));
    expect(interaction.original).toMatchObject([
      { components: [{ components: [{ type: 10 }, ...shown] }], files: uploaded },
    ]);
    expect(interaction.original[0]?.allowedMentions).toEqual({ parse: [], replied_user: false });
    expect(interaction.followUps).toEqual([]);
    expect(discord.posts(thread)).toEqual([]);
    expect(discord.calls("PATCH", /@original$/u).at(-1)).toMatchObject({
      files: uploaded,
      body: {
        attachments: [
          { id: 0, filename: markdown.name },
          { id: 1, filename: json.name },
        ],
      },
    });
  });

  test("appears once, even if it is sent twice", async () => {
    const { interaction, replyTo } = await slashed("Ann");
    await bot.platform.sendFilesPrivately(replyTo, given, never);
    await bot.platform.sendFilesPrivately(replyTo, given, never);
    expect(interaction.original.at(-1)?.files).toEqual(uploaded);
    expect(interaction.followUps).toEqual([]);
  });

  test("follows the private texts before it", async () => {
    const { interaction, replyTo } = await slashed("Ann");
    await bot.platform.sendPrivately(replyTo, ["One moment"], never);
    await bot.platform.sendFilesPrivately(replyTo, given, never);

    expect(contentsOf(interaction.original)).toEqual(["One moment"]);
    expect(contentsOf(interaction.followUps)).toEqual(["Here it is."]);
    expect(interaction.followUps).toMatchObject([{ flags: 64 | (1 << 15), files: uploaded }]);
  });

  test("stands in plain content where its name has no place in a card", async () => {
    const { interaction, replyTo } = await slashed("Ann");
    const file = { ...markdown, name: "Grüße (1).md" };
    await bot.platform.sendFilesPrivately(replyTo, { ...given, files: [file] }, never);
    expect(interaction.original).toMatchObject([{ content: "Here it is.", files: [{ name: file.name }] }]);
  });

  test("goes to a DM when the interaction has expired", async () => {
    const { interaction, thread, replyTo } = await slashed("Pia");
    bot.clock.aheadMs = 15 * 60_000;
    await bot.platform.sendFilesPrivately(replyTo, given, never);

    expect(interaction.original).toEqual([]);
    expect(discord.posts(thread)).toEqual([]);
    const direct = discord.directWith("Pia");
    expect(discord.posts(direct)).toMatchObject([{ content: "Here it is." }]);
    const [message] = discord.world.messagesIn(direct);
    expect(message?.versions).toMatchObject([
      { files: uploaded, allowedMentions: { parse: [], replied_user: false } },
    ]);
  });

  test("goes to a DM where the bot may not attach files, and the response says so", async () => {
    const { interaction, replyTo } = await slashed("Una");
    discord.fail({ path: /@original$/u, status: 403, code: 50_013 });
    await bot.platform.sendFilesPrivately(replyTo, given, never);

    expect(contentsOf(interaction.original)).toEqual([
      "I can't attach files here, so I've sent them to your DMs.",
    ]);
    const [message] = discord.world.messagesIn(discord.directWith("Una"));
    expect(message?.versions).toMatchObject([{ content: "Here it is.", files: uploaded }]);
  });

  test.each([
    ["in a thread", () => discord.openThread(discord.channel), "Quin"],
    ["in a channel", () => discord.channel, "Rae"],
    ["in a DM", () => discord.directWith("Sam"), "Sam"],
  ])("that a message %s requests goes to a DM, once", async (_, where, user) => {
    const channel = where();
    const replyTo = await written(channel, user);
    await bot.platform.sendFilesPrivately(replyTo, given, never);
    await bot.platform.sendFilesPrivately(replyTo, given, never);

    expect(discord.posts(discord.directWith(user))).toMatchObject([{ content: "Here it is." }]);
    const seenByOthers = channel === discord.directWith(user) ? [] : discord.posts(channel);
    expect(seenByOthers).toEqual([]);
  });

  test("never appears where others see it: with closed DMs it is not sent, and the asker is told", async () => {
    const thread = discord.openThread(discord.channel);
    const replyTo = await written(thread, "Tom");
    discord.closeDirects("Tom");

    await expect(bot.platform.sendFilesPrivately(replyTo, given, never)).rejects.toMatchObject({
      kind: "forbidden",
    });
    expect(discord.posts(thread)).toMatchObject([{ content: expect.stringMatching(/can't DM you/u) }]);
    expect(discord.world.messagesIn(thread).flatMap(({ versions }) => versions[0]?.files ?? [])).toEqual([]);
  });

  test.each([
    ["too large", [{ ...markdown, text: "ü".repeat(4 * 1024 * 1024) }, json]],
    ["too many", Array.from({ length: 11 }, () => json)],
  ])("that is %s is refused before anything is sent", async (_, files) => {
    const { interaction, replyTo } = await slashed("Ann");
    await answered(interaction);
    const before = discord.journal.length;
    await expect(
      bot.platform.sendFilesPrivately(replyTo, { text: "Big", files }, never),
    ).rejects.toMatchObject({
      name: "PlatformError",
      kind: "rejected",
    });
    expect(discord.journal).toHaveLength(before);
  });

  test("may have eight MiB", async () => {
    const { interaction, replyTo } = await slashed("Ann");
    const files = [{ ...markdown, text: "x".repeat(8 * 1024 * 1024) }];
    await bot.platform.sendFilesPrivately(replyTo, { text: "Big", files }, never);
    expect(interaction.original[0]?.files?.[0]?.bytes).toHaveLength(8 * 1024 * 1024);
  });

  test("that can't be sent fails with the reason", async () => {
    const { replyTo } = await slashed("Ann");
    discord.fail({ path: /@original$/u, status: 413, code: 40_005 });
    const failing = bot.platform.sendFilesPrivately(replyTo, given, never);
    await expect(failing).rejects.toMatchObject({ kind: "rejected" });
    const error: unknown = await failing.catch((caught: unknown) => caught);
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain("Grüße");
  });
});
