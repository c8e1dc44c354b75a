import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { startDiscordStandIn, type DiscordStandIn } from "../../support/discord/discord-stand-in.ts";
import { openBot, type OpenBot } from "../../support/discord/open-bot.ts";
import { eventually } from "../../support/eventually.ts";

let discord: DiscordStandIn;
let bot: OpenBot;

beforeAll(async () => {
  discord = await startDiscordStandIn();
  bot = await openBot(discord);
});

afterAll(async () => {
  await bot[Symbol.asyncDispose]();
  await discord[Symbol.asyncDispose]();
});

type Saying = Parameters<DiscordStandIn["say"]>[0];

/** Ann calls the bot in reply to a message. */
async function replyTo(replied: string, saying: Partial<Saying> = {}) {
  const base = { channel: discord.channel, user: "Ann", text: "what now?", mention: true };
  const id = discord.say({ ...base, replyTo: replied, ...saying });
  await eventually(() => expect(bot.core.said.map(({ message }) => message.id)).toContain(id));
  return bot.core.said.find(({ message }) => message.id === id)?.message;
}

const say = (saying: Partial<Saying> & { readonly text: string }) =>
  discord.say({ channel: discord.channel, user: "Bo", ...saying });

const fetches = () => discord.calls("GET", /\/messages\/\d+$/u).length;

describe("a call in reply to another message", () => {
  test("brings the message along, read in full and with its own link, without a call to Discord", async () => {
    discord.world.user("Bo").nick = "Bobby";
    const attachments = [{ id: "1", filename: "plan.pdf", size: 12, url: "x" }];
    const id = say({ text: `<@${discord.world.user("Cy").id}> the launch slips`, attachments });
    const before = fetches();
    expect(await replyTo(id)).toMatchObject({
      text: "what now?",
      inReplyTo: id,
      quoted: {
        id,
        author: { id: discord.world.user("Bo").id, name: "Bobby" },
        text: "@Cy the launch slips",
        saidAtMs: discord.world.messages.get(id)?.sentAtMs,
        attachments: [
          {
            name: "plan.pdf",
            sizeBytes: 12,
            ref: { platform: "discord", id: `${discord.channel}/${id}/1` },
          },
        ],
        permalink: `https://discord.com/channels/${discord.guild}/${discord.channel}/${id}`,
      },
    });
    expect(fetches()).toBe(before);
  });

  test("brings it along without text of its own too, in a thread and in a DM", async () => {
    for (const channel of [discord.channel, discord.openThread(discord.channel), discord.directWith("Ann")]) {
      const id = say({ text: "The launch slips", channel });
      expect(await replyTo(id, { text: "", channel })).toMatchObject({
        text: "",
        quoted: { id, text: "The launch slips" },
      });
    }
  });

  test.each([
    [
      "an alert in a card",
      { embeds: [{ title: "Disk full", fields: [{ name: "Host", value: "db-1" }] }] },
      "Disk full\nHost: db-1",
    ],
    ["components", { flags: 1 << 15, components: [{ type: 10, content: "Deploy failed" }] }, "Deploy failed"],
    [
      "a forwarded message",
      {
        message_reference: { type: 1, message_id: "5", channel_id: "6" },
        message_snapshots: [{ message: { content: "pay by Friday", embeds: [], attachments: [] } }],
      },
      "[forwarded message]\n> pay by Friday",
    ],
    [
      "a poll",
      { poll: { question: { text: "When?" }, answers: [{ answer_id: 1, poll_media: { text: "Now" } }] } },
      "[poll: When? Now]",
    ],
  ])("brings along %s", async (_, extra, text) => {
    const id = say({ text: "", user: "Alerts", isBot: true, extra });
    expect(await replyTo(id)).toMatchObject({
      quoted: { id, text, author: { name: "Alerts", isApp: true } },
    });
  });

  test.each([
    ["that a person joined", 7, {}, "[joined the server]"],
    ["that a person boosted the server", 8, {}, "[boosted the server]"],
    ["that a message was pinned", 6, {}, "[pinned a message]"],
    [
      "what AutoMod stopped",
      24,
      {
        embeds: [
          {
            type: "auto_moderation_message",
            description: "buy <@1> now",
            fields: [
              { name: "rule_name", value: "No spam" },
              { name: "decision_id", value: "77" },
            ],
          },
        ],
      },
      "[AutoMod stopped a message by the rule No spam]\nbuy @someone now",
    ],
  ])("brings along %s, as Discord announced it", async (_, type, extra, text) => {
    const id = say({ text: "", type, extra });
    expect(await replyTo(id)).toMatchObject({ quoted: { id, text } });
  });

  test("fetches it where Discord leaves it out, and continues without it if that fails", async () => {
    const id = say({ text: "The launch slips" });
    const extra = { referenced_message: undefined };
    expect(await replyTo(id, { extra })).toMatchObject({ quoted: { id, text: "The launch slips" } });
    discord.fail({ path: /messages\/\d+$/u, status: 403, code: 50_001 });
    expect(await replyTo(id, { extra })).toEqual(expect.not.objectContaining({ quoted: expect.anything() }));
    discord.heal();
  });

  test("names only its id if it is deleted, or nothing", async () => {
    const gone = say({ text: "The launch slips" });
    discord.delete(gone);
    const before = fetches();
    const empty = say({ text: "", type: 4 });
    for (const id of [gone, empty]) {
      const message = await replyTo(id);
      expect(message).toMatchObject({ inReplyTo: id });
      expect(message).not.toHaveProperty("quoted");
    }
    expect(fetches()).toBe(before);
  });

  test("brings nothing along from another channel", async () => {
    const id = say({ text: "The launch slips" });
    const message_reference = { type: 0, message_id: id, channel_id: "77", guild_id: "78" };
    expect(await replyTo(id, { extra: { message_reference } })).not.toHaveProperty("quoted");
  });

  test("names only the id of the bot's own post, which is remembered", async () => {
    const thread = discord.openThread(discord.channel);
    const own = discord.say({
      channel: thread,
      user: discord.world.bot.name,
      text: "An answer",
      isBot: true,
    });
    const message = await replyTo(own, { channel: thread });
    expect(message).toMatchObject({ inReplyTo: own });
    expect(message).not.toHaveProperty("quoted");
  });
});

test("a missed call includes the message that it replies to", async () => {
  const thread = discord.openThread(discord.channel);
  const first = discord.say({ channel: thread, user: "Ann", text: "Hi", mention: true });
  await eventually(() => expect(bot.core.said.map(({ message }) => message.id)).toContain(first));
  const conversation = `discord:${discord.guild}:${thread}` as const;
  const id = discord.say({ channel: thread, user: "Bo", text: "The launch slips" });
  const reply = discord.say({ channel: thread, user: "Ann", text: "So?", replyTo: id, mention: true });
  const known = {
    place: `${discord.guild}:${discord.channel}`,
    conversations: [{ conversation, lastMessage: first }],
  };
  const missed = await bot.platform.fetchMissed(known, new AbortController().signal);
  expect(missed.find(({ message }) => message.id === reply)?.message).toMatchObject({
    quoted: { id, text: "The launch slips", author: { name: "Bobby" } },
  });
});
