import { assert, describe, expect, test } from "vitest";

import { startDiscordStandIn, type DiscordStandIn } from "../../support/discord/discord-stand-in.ts";
import { Core, never, openBot, post, type OpenBot } from "../../support/discord/open-bot.ts";
import { eventually } from "../../support/eventually.ts";

/** Ann mentions the bot in a channel, and it opens its thread; gives what was stored of it. */
async function begin(discord: DiscordStandIn, { core, platform }: OpenBot) {
  const root = discord.say({ channel: discord.channel, user: "Ann", text: "Begin", mention: true });
  await eventually(() => expect(core.said).toHaveLength(1));
  const [first] = core.said;
  assert(first);
  await platform.createPost(first.replyTo, post("Begun"), never);
  const { conversation, place } = first;
  return { root, conversation, place, conversations: [{ conversation, lastMessage: root }] } as const;
}

const idsOf = (said: readonly { readonly message: { readonly id: string } }[]) =>
  said.map(({ message }) => message.id);

describe("missed messages of a channel and its threads", () => {
  test("are the same as over the gateway: threads, new mentions, replies to them, markup", async () => {
    await using discord = await startDiscordStandIn();
    await using listening = await openBot(discord);
    const { core } = listening;
    const { root, place, conversation, conversations } = await begin(discord, listening);
    const here = { channel: discord.channel };
    const say = (saying: Parameters<typeof discord.say>[0]) => discord.say(saying);
    say({ channel: root, user: "Ann", text: "In the thread, see <#1> and @everyone" });
    say({ ...here, user: "Bob", text: "Talk that is not for the bot" });
    const other = say({ ...here, user: "Bob", text: "Another one", mention: true });
    say({ ...here, user: "Cid", text: "I wonder too", replyTo: other });
    say({ ...here, user: "Ann", text: "And so do I", replyTo: root });
    say({ channel: root, user: "Bob", text: "For <@5>" });
    say({ channel: root, user: "Beep", text: "A bot", isBot: true, mention: true });
    await eventually(() => expect(core.said).toHaveLength(7));

    await using late = await openBot(discord, new Core());
    late.core.locate(place, root, conversation);
    const read = await late.platform.fetchMissed({ place, conversations }, never);
    expect(read).toEqual(core.said.slice(1).toSorted((a, b) => a.message.id.localeCompare(b.message.id)));
    expect(late.core.accepted).toEqual([]);
  });

  test("have the names that REST gives, without server nicknames", async () => {
    await using discord = await startDiscordStandIn();
    await using bot = await openBot(discord);
    const { root, place, conversations } = await begin(discord, bot);
    discord.world.user("Bob").nick = "Bobby";
    discord.say({ channel: root, user: "Bob", text: `I am <@${discord.world.user("Bob").id}>` });

    expect(await bot.platform.fetchMissed({ place, conversations }, never)).toMatchObject([
      { message: { text: "I am @Bob", author: { name: "Bob", id: discord.world.user("Bob").id } } },
    ]);
  });

  test("are read in new threads in which a person called the bot", async () => {
    await using discord = await startDiscordStandIn();
    await using bot = await openBot(discord);
    const { place, conversations } = await begin(discord, bot);
    const thread = discord.openThread(discord.channel);
    const ids = [
      discord.say({ channel: thread, user: "Bob", text: "Here?", mention: true }),
      discord.say({ channel: thread, user: "Bob", text: "Hello?" }),
    ];
    await using late = await openBot(discord, new Core());
    const read = await late.platform.fetchMissed({ place, conversations }, never);

    expect(idsOf(read)).toEqual(ids);
    expect(read[0]).toMatchObject({
      addressing: "mention",
      conversation: `discord:${discord.guild}:${thread}`,
      place,
      replyTo: { target: { how: "reply", channel: thread } },
    });
  });

  test("are read in a private thread, which is its own place", async () => {
    await using discord = await startDiscordStandIn();
    await using bot = await openBot(discord);
    const thread = discord.openThread(discord.channel, { isPrivate: true });
    discord.say({ channel: thread, user: "Ann", text: "Psst", mention: true });
    await eventually(() => expect(bot.core.said).toHaveLength(1));
    const [first] = bot.core.said;
    assert(first);
    const second = discord.say({ channel: thread, user: "Ann", text: "Still there?" });
    const { place, conversation, message } = first;
    const conversations = [{ conversation, lastMessage: message.id }];

    expect(idsOf(await bot.platform.fetchMissed({ place, conversations }, never))).toEqual([second]);
    expect(discord.calls("GET", new RegExp(`${thread}/messages$`, "u"))).toHaveLength(1);
  });

  test("are read from the start of the downtime, even if newer messages arrived before the read", async () => {
    await using discord = await startDiscordStandIn();
    await using bot = await openBot(discord);
    const { root, place, conversation } = await begin(discord, bot);
    const missed = discord.say({ channel: root, user: "Ann", text: "Missed" });
    const heard = discord.say({ channel: root, user: "Ann", text: "Heard" });
    const conversations = [{ conversation, lastMessage: heard }];
    expect(await bot.platform.fetchMissed({ place, conversations }, never)).toEqual([]);

    const read = await bot.platform.fetchMissed({ place, conversations, missedFromMs: Date.now() }, never);
    expect(idsOf(read)).toEqual([root, missed, heard]);
  });

  test("are read from the start of the downtime if only commands were stored before", async () => {
    await using discord = await startDiscordStandIn();
    await using bot = await openBot(discord);
    const { root, place, conversation } = await begin(discord, bot);
    const conversations = [{ conversation }];
    expect(await bot.platform.fetchMissed({ place, conversations }, never)).toEqual([]);

    const read = await bot.platform.fetchMissed({ place, conversations, missedFromMs: Date.now() }, never);
    expect(idsOf(read)).toEqual([root]);
  });

  test("of more than a page are read to the end", async () => {
    await using discord = await startDiscordStandIn();
    await using bot = await openBot(discord);
    const { root, place, conversations } = await begin(discord, bot);
    const ids = Array.from({ length: 230 }, (_, index) =>
      discord.say({ channel: root, user: "Ann", text: `Line ${index}` }),
    );

    expect(idsOf(await bot.platform.fetchMissed({ place, conversations }, never))).toEqual(ids);
  });

  test("are found behind very many known messages, and the read has a limit", async () => {
    await using discord = await startDiscordStandIn();
    await using bot = await openBot(discord);
    const { place, conversations } = await begin(discord, bot);
    const chat = (count: number) => {
      for (let index = 0; index < count; index += 1) {
        discord.say({ channel: discord.channel, user: "Bob", text: `Talk ${index}` });
      }
    };
    chat(700);
    discord.world.ids.aheadMs = 10 * 60_000;
    const missedFromMs = Date.now() + 9 * 60_000;
    const missed = discord.say({ channel: discord.channel, user: "Ann", text: "Anybody?", mention: true });
    chat(600);
    const read = await bot.platform.fetchMissed({ place, conversations, missedFromMs }, never);

    expect(idsOf(read)).toEqual([missed]);
    const inChannel = new RegExp(`${discord.channel}/messages$`, "u");
    expect(discord.calls("GET", inChannel)).toHaveLength(10);
  });
});

describe("missed messages of a DM", () => {
  test("are read, without the bot's own posts", async () => {
    await using discord = await startDiscordStandIn();
    await using bot = await openBot(discord);
    const dm = discord.directWith("Ann");
    const lastMessage = discord.say({ channel: dm, user: "Ann", text: "Hello" });
    await eventually(() => expect(bot.core.said).toHaveLength(1));
    const [first] = bot.core.said;
    assert(first);
    const { place, conversation, replyTo } = first;
    await bot.platform.createPost(replyTo, post("Hello Ann"), never);
    const second = discord.say({ channel: dm, user: "Ann", text: "Are you there?" });
    await eventually(() => expect(bot.core.said).toHaveLength(2));

    const conversations = [{ conversation, lastMessage }];
    expect(await bot.platform.fetchMissed({ place, conversations }, never)).toEqual([bot.core.said[1]]);
    expect(bot.core.said[1]).toMatchObject({ message: { id: second }, addressing: "direct" });
  });
});

describe("what can't be read", () => {
  test.each([
    ["gone", { status: 404, code: 10_003 }],
    ["forbidden", { status: 403, code: 50_001 }],
    ["without messages of its own, as a forum", { status: 400, code: 50_024 }],
  ])("of a channel that is %s leaves the rest, and is no error", async (_, fault) => {
    await using discord = await startDiscordStandIn();
    await using bot = await openBot(discord);
    const { root, place, conversation, conversations } = await begin(discord, bot);
    const later = discord.say({ channel: root, user: "Ann", text: "Later" });
    const gone = { conversation: "discord:1:404", lastMessage: root } as const;
    discord.fail({ method: "GET", path: new RegExp(`${discord.channel}/messages$`, "u"), ...fault });
    const read = await bot.platform.fetchMissed({ place, conversations: [gone, ...conversations] }, never);

    expect(read).toMatchObject([{ message: { id: later }, conversation }]);
  });

  test("because Discord is down is an error, so that the read is retried", async () => {
    await using discord = await startDiscordStandIn();
    await using bot = await openBot(discord);
    const { place, conversations } = await begin(discord, bot);
    discord.fail({ method: "GET", path: /messages$/u, status: 503 });
    await expect(bot.platform.fetchMissed({ place, conversations }, never)).rejects.toMatchObject({
      kind: "unreachable",
    });
    discord.fail({ method: "GET", path: /messages$/u, status: 429, retryAfterS: 5 });
    await expect(bot.platform.fetchMissed({ place, conversations }, never)).rejects.toMatchObject({
      kind: "rate-limited",
      retryAfterMs: expect.closeTo(5_000, -3),
    });
  });

  test("because one message can't be parsed is reported, and the others are read", async () => {
    await using discord = await startDiscordStandIn();
    await using bot = await openBot(discord);
    const { root, place, conversations } = await begin(discord, bot);
    discord.say({ channel: root, user: "Ann", text: "?", extra: { attachments: null } });
    const next = discord.say({ channel: root, user: "Ann", text: "Next" });

    expect(idsOf(await bot.platform.fetchMissed({ place, conversations }, never))).toEqual([next]);
    expect(bot.log.map(({ message }) => message)).toContain(
      "a missed Discord message has an unexpected shape; it is skipped, please report it",
    );
  });
});
