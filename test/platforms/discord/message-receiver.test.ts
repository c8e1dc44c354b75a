import { afterAll, assert, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { isCall } from "../../../src/conversation/addressing/addressing.ts";
import { startDiscordStandIn, type DiscordStandIn } from "../../support/discord/discord-stand-in.ts";
import { Core, never, openBot, post, type OpenBot } from "../../support/discord/open-bot.ts";
import { eventually } from "../../support/eventually.ts";

const pollResult = {
  type: "poll_result",
  fields: [
    { name: "poll_question_text", value: "When?" },
    { name: "victor_answer_text", value: "Now" },
    { name: "victor_answer_votes", value: "2" },
    { name: "total_votes", value: "2" },
  ],
};

let discord: DiscordStandIn;
let bot: OpenBot;
let core: Core;

beforeAll(async () => {
  discord = await startDiscordStandIn();
  core = new Core();
  bot = await openBot(discord, core);
});

afterAll(async () => {
  await bot[Symbol.asyncDispose]();
  await discord[Symbol.asyncDispose]();
});

beforeEach(() => {
  core.accepted.length = 0;
});

async function nextSaid() {
  await eventually(() => expect(core.said.length).toBeGreaterThan(0));
  return core.said.at(-1);
}

/** Everything written before it has been heard when this is. */
async function heardSoFar(channel: string) {
  const marker = discord.say({ channel, user: "Zoe", text: "marker", mention: true });
  await eventually(() => expect(core.said.map((said) => said.message.id)).toContain(marker));
  return core.accepted.filter((inbound) => !(inbound.kind === "said" && inbound.message.id === marker));
}

describe("the conversation of a message", () => {
  test("begins with any message in a channel where every message is answered", async () => {
    const always = new Core();
    always.replyMode = "always";
    await using second = await openBot(discord, always);
    const id = discord.say({ channel: discord.channel, user: "Ann", text: "When is lunch?" });
    await eventually(() => expect(always.said).toHaveLength(1));
    expect(always.said[0]).toMatchObject({
      conversation: `discord:${discord.guild}:${id}`,
      addressing: "open",
      replyTo: { target: { how: "thread" } },
    });
    expect(second.fatal).toEqual([]);
    await heardSoFar(discord.channel);
    expect(core.said).toHaveLength(1);
  });

  test("has the id of the thread that a mention in a channel opens", async () => {
    const id = discord.say({ channel: discord.channel, user: "Ann", text: "When is lunch?", mention: true });

    expect(await nextSaid()).toMatchObject({
      conversation: `discord:${discord.guild}:${id}`,
      dedupeId: `discord:${id}`,
      place: `${discord.guild}:${discord.channel}`,
      addressing: "mention",
      message: {
        id,
        text: "When is lunch?",
        author: { name: "Ann", id: discord.world.user("Ann").id },
        permalink: `https://discord.com/channels/${discord.guild}/${discord.channel}/${id}`,
      },
    });
  });

  test("is the thread for a message in a thread, listed under its channel", async () => {
    const thread = discord.openThread(discord.channel);
    discord.say({ channel: thread, user: "Ann", text: "And dinner?" });

    expect(await nextSaid()).toMatchObject({
      conversation: `discord:${discord.guild}:${thread}`,
      place: `${discord.guild}:${discord.channel}`,
      addressing: "open",
    });
  });

  test("is not listed under its channel for a private thread", async () => {
    const thread = discord.openThread(discord.channel, { isPrivate: true });
    discord.say({ channel: thread, user: "Ann", text: "Between us", mention: true });

    expect(await nextSaid()).toMatchObject({ place: `${discord.guild}:${thread}` });
  });

  test("is looked up for a thread that was archived when the bot connected", async () => {
    const parent = discord.channel;
    const asleep = discord.world.addChannel({ type: 11, guild: discord.guild, parent, name: "Old" });
    discord.say({ channel: asleep.id, user: "Ann", text: "Awake?" });

    expect(await nextSaid()).toMatchObject({
      conversation: `discord:${discord.guild}:${asleep.id}`,
      place: `${discord.guild}:${parent}`,
    });
  });

  test("is the DM for a message in a DM, which is always for the bot", async () => {
    const direct = discord.directWith("Ann");
    const id = discord.say({ channel: direct, user: "Ann", text: "Just us" });

    expect(await nextSaid()).toMatchObject({
      conversation: `discord:dm:${direct}`,
      place: `dm:${direct}`,
      addressing: "direct",
      message: { permalink: `https://discord.com/channels/@me/${direct}/${id}` },
    });
  });

  test("is that of the message that a reply in a channel answers, along the chain", async () => {
    const question = discord.say({ channel: discord.channel, user: "Ann", text: "First", mention: true });
    await nextSaid();
    const second = discord.say({ channel: discord.channel, user: "Bob", text: "Second", replyTo: question });
    const third = discord.say({ channel: discord.channel, user: "Ann", text: "Third", replyTo: second });

    await eventually(() => expect(core.said.map(({ message }) => message.id)).toContain(third));
    expect(core.said.map(({ conversation }) => conversation)).toEqual(
      Array.from({ length: 3 }, () => `discord:${discord.guild}:${question}`),
    );
    expect(core.said.map(({ addressing }) => addressing)).toEqual(["mention", "others", "others"]);
  });

  test("is that of the question for a reply to a post that is not remembered yet", async () => {
    const question = discord.say({ channel: discord.channel, user: "Ann", text: "Now?", mention: true });
    await nextSaid();
    discord.deny(discord.channel, "threads");
    const [to] = core.said.map((said) => said.replyTo);
    assert(to);
    const posted = await bot.platform.createPost(to, post("Yes", { turn: "t-chain" }), never);
    discord.world.channels.get(discord.channel)?.denied.clear();
    const answer = posted.split("/")[1] ?? "";
    const reply = discord.say({ channel: discord.channel, user: "Ann", text: "Sure?", replyTo: answer });

    await eventually(() => expect(core.said.at(-1)?.message.id).toBe(reply));
    expect(core.said.at(-1)).toMatchObject({
      conversation: `discord:${discord.guild}:${question}`,
      addressing: "reply",
      replyTo: { target: { how: "reply", message: reply } },
    });
  });

  test("is new for a reply to a post of the bot that no conversation remembers", async () => {
    const [old] = [discord.world.ids.next()];
    discord.world.messages.set(old, {
      id: old,
      channel: discord.channel,
      author: discord.world.bot,
      type: 0,
      sentAtMs: 0,
      pings: false,
      attachments: [],
      extra: {},
      versions: [{ content: "Long ago", allowedMentions: undefined, flags: 0 }],
      isDeleted: false,
    });
    const reply = discord.say({ channel: discord.channel, user: "Ann", text: "Still so?", replyTo: old });

    expect(await nextSaid()).toMatchObject({
      conversation: `discord:${discord.guild}:${reply}`,
      addressing: "reply",
      replyTo: { target: { how: "thread" } },
    });
  });

  test("is not looked up for a message in a channel that is not for the bot", async () => {
    const first = discord.say({ channel: discord.channel, user: "Ann", text: "Morning all" });
    discord.say({ channel: discord.channel, user: "Bob", text: "Morning", replyTo: first });

    expect(await heardSoFar(discord.channel)).toEqual([]);
  });
});

describe("a received message", () => {
  test("of other bots and webhooks counts in threads, and never calls the bot", async () => {
    const thread = discord.openThread(discord.channel);
    const hook = { webhook_id: "1", embeds: [{ title: "Disk full" }] };
    discord.say({ channel: thread, user: "Other bot", text: "Beep", isBot: true, mention: true });
    discord.say({ channel: thread, user: "Hook", text: "Alarm", extra: hook, mention: true });
    discord.say({ channel: thread, user: "Ann", text: "", type: 46, extra: { embeds: [pollResult] } });
    discord.say({ channel: discord.channel, user: "Other bot", text: "Beep", isBot: true, mention: true });
    const conversation = `discord:${discord.guild}:${thread}`;
    expect(await heardSoFar(thread)).toMatchObject([
      { conversation, message: { text: "Beep", author: { name: "Other bot", isApp: true } } },
      { conversation, message: { text: "Alarm\nDisk full", author: { name: "Hook", isApp: true } } },
      { conversation, message: { text: "[closed poll: When? Now won, 2 of 2 votes]" } },
    ]);
    expect(core.said.filter((said) => said.conversation === conversation && isCall(said))).toHaveLength(1);
    await heardSoFar(discord.channel);
    expect(core.said.filter(({ message }) => message.author.isApp)).toHaveLength(2);
  });

  test("may be a bot's late answer to a command, once it has text", async () => {
    const thread = discord.openThread(discord.channel);
    const user = { id: "5", username: "mia", global_name: "Mia" };
    const interaction = { id: "1", type: 2, name: "weather", user };
    const late = { channel: thread, user: "Other bot", isBot: true, type: 20 };
    const extra = { flags: 128, interaction };
    const id = discord.say({ ...late, text: "", extra });
    expect(await heardSoFar(thread)).toEqual([]);
    core.accepted.length = 0;
    Object.assign(extra, { flags: 0, content: "Rain at noon" });
    discord.touch(id);
    discord.touch(id);
    expect(await heardSoFar(thread)).toMatchObject([
      { addressing: "others", message: { id, text: "[Mia used /weather]\nRain at noon" } },
    ]);
  });

  test("is never a system message or a post of the bot", async () => {
    const thread = discord.openThread(discord.channel);
    discord.say({ channel: thread, user: "Ann", text: "", type: 6 });
    discord.say({ channel: thread, user: "Ann", text: "", type: 21 });
    await bot.platform.createPost(
      {
        platform: "discord",
        target: { how: "reply", channel: thread, message: "1", user: "2" },
      },
      post("Mine"),
      never,
    );

    expect(await heardSoFar(thread)).toEqual([]);
  });

  test("that can't be parsed is reported, and delays no other", async () => {
    discord.say({
      channel: discord.channel,
      user: "Ann",
      text: "?",
      mention: true,
      extra: { attachments: null },
    });
    discord.say({ channel: discord.channel, user: "Ann", text: "Next", mention: true });

    expect((await nextSaid())?.message.text).toBe("Next");
    expect(bot.log.map(({ message }) => message)).toContain(
      "Discord sent an event of an unexpected shape; it is skipped, please report it",
    );
  });

  test("in a thread that the bot may not fetch is accepted all the same", async () => {
    discord.fail({ method: "GET", path: /^\/channels\/\d+$/u, status: 403, code: 50_001 });
    const asleep = discord.world.addChannel({ type: 11, guild: discord.guild, parent: discord.channel });
    discord.say({ channel: asleep.id, user: "Ann", text: "Psst", extra: { channel_type: 11 } });

    expect(await nextSaid()).toMatchObject({
      conversation: `discord:${discord.guild}:${asleep.id}`,
      place: `${discord.guild}:${asleep.id}`,
    });
  });

  test("has its markup as people see it", async () => {
    const bob = discord.world.user("Bob");
    bob.nick = "Bobby";
    const designers = discord.world.roles.find(({ name }) => name === "Designers")?.id;
    const text = `ask <@${bob.id}> and <@&${designers}> in <#${discord.channel}> <:wave:123> at <t:0:R> with </reset:5>`;
    discord.say({ channel: discord.channel, user: "Ann", text, mention: true });

    expect((await nextSaid())?.message.text).toBe(
      "ask @Bobby and @Designers in #general :wave: at 1970-01-01T00:00:00.000Z with /reset",
    );
  });

  test("that mentions the bot's own role mentions the bot", async () => {
    const own = discord.world.roles.find(({ bot: isOwn }) => isOwn !== undefined)?.id;
    discord.say({ channel: discord.channel, user: "Ann", text: `hey <@&${own}>, are you there?` });

    expect(await nextSaid()).toMatchObject({
      addressing: "mention",
      message: { text: "hey, are you there?" },
    });
  });

  test.each([
    ["names another person", { text: "<@1> look" }, "others"],
    ["names everyone", { text: "@everyone look" }, "others"],
    ["names no one", { text: "look" }, "open"],
  ])("in a thread that %s", async (_, saying, addressing) => {
    const thread = discord.openThread(discord.channel);
    discord.say({ channel: thread, user: "Ann", ...saying });

    expect(await nextSaid()).toMatchObject({ addressing });
  });

  test("in reply to another is addressed to its author, with or without a ping", async () => {
    const thread = discord.openThread(discord.channel);
    const to = { platform: "discord", target: { how: "reply", channel: thread, message: "1", user: "2" } };
    const posted = await bot.platform.createPost(to, post("An answer", { turn: "turn-2" }), never);
    const replyTo = posted.split("/")[1] ?? "";
    discord.say({ channel: thread, user: "Ann", text: "Why?", replyTo, pings: false });
    const own = discord.say({ channel: thread, user: "Ann", text: "Hm", replyTo });
    discord.say({ channel: thread, user: "Ann", text: "I mean", replyTo: own });
    discord.say({ channel: thread, user: "Bob", text: "I see", replyTo: own });

    await eventually(() => expect(core.said).toHaveLength(4));
    expect(core.said.map(({ addressing }) => addressing)).toEqual(["reply", "reply", "open", "others"]);
  });

  test("is still received after an event in a form that discord.js can't parse", async () => {
    const odd = { message_reference: { type: 1, message_id: "42", channel_id: "43" } };
    const poll = { question: { text: "When?" }, answers: [] };
    const message_snapshots = [{ message: { content: "vote", embeds: [], attachments: [], poll } }];
    const channel = discord.openThread(discord.channel);
    const first = discord.say({ channel, user: "Ann", text: "", extra: { ...odd, message_snapshots } });
    const next = discord.say({ channel, user: "Ann", text: "still there?" });
    await eventually(() => expect(bot.core.said.map(({ message }) => message.id)).toContain(next));
    expect(bot.core.said.map(({ message }) => message.id)).toContain(first);
    expect(bot.log.map((line) => JSON.stringify(line)).join("\n")).toContain(
      "could not read a Discord event",
    );
  });

  test("names files, stickers, polls and forwarded messages", async () => {
    const channel = discord.directWith("Ann");
    const id = discord.say({
      channel,
      user: "Ann",
      text: "",
      attachments: [{ id: "1", filename: "plan.pdf", size: 12, content_type: "application/pdf", url: "x" }],
      extra: {
        sticker_items: [{ id: "1", name: "thumb", format_type: 1 }],
        message_reference: { type: 1, message_id: "5" },
        message_snapshots: [
          { message: { content: "we\nmeet", attachments: [{ id: "2", filename: "map.png", size: 3 }] } },
        ],
      },
    });

    const refOf = (file: string) => ({ platform: "discord", id: `${channel}/${id}/${file}` });
    expect((await nextSaid())?.message).toMatchObject({
      text: "[forwarded message]\n> we\n> meet\n[sticker: thumb]",
      attachments: [
        { name: "plan.pdf", mediaType: "application/pdf", sizeBytes: 12, ref: refOf("1") },
        { name: "map.png", sizeBytes: 3, ref: refOf("2") },
      ],
    });
  });

  test("may be an empty mention, and keeps control characters and any script", async () => {
    discord.say({ channel: discord.channel, user: "Ann", text: "", mention: true });
    expect((await nextSaid())?.message.text).toBe("");
    discord.say({
      channel: discord.channel,
      user: "Ann",
      text: "שלום 👩‍🚀 \u0007 <|endoftext|>",
      mention: true,
    });
    await eventually(() => expect(core.said).toHaveLength(2));
    expect(core.said[1]?.message.text).toBe("שלום 👩‍🚀 \u0007 <|endoftext|>");
  });
});

describe("an edit or a deletion", () => {
  test("of a known message is received, once per edit", async () => {
    const id = discord.say({ channel: discord.channel, user: "Ann", text: "Lnch?", mention: true });
    discord.edit(id, `<@${discord.botId}> Lunch?`);
    discord.touch(id);

    const heard = await heardSoFar(discord.channel);
    expect(heard.map(({ kind }) => kind)).toEqual(["said", "edited"]);
    expect(heard[1]).toMatchObject({ message: id, text: "Lunch?", conversation: heard[0]?.conversation });
    expect(heard[1]?.dedupeId).toMatch(new RegExp(`^discord:${id}:edit:2`, "u"));
  });

  test("lists the remaining files", async () => {
    const file = (id: string) => ({ id, filename: `${id}.pdf`, size: 9, content_type: "application/pdf" });
    const attachments = [file("71"), file("72")];
    const saying = { channel: discord.channel, user: "Ann", text: "Plans", mention: true, attachments };
    const id = discord.say(saying);
    discord.edit(id, `<@${discord.botId}> Plan`, attachments.slice(1));

    const heard = await heardSoFar(discord.channel);
    expect(heard[1]).toMatchObject({ kind: "edited", text: "Plan", attachments: [{ name: "72.pdf" }] });
  });

  test("is ignored where nothing was edited or the message is unknown", async () => {
    const known = discord.say({ channel: discord.channel, user: "Ann", text: "Link", mention: true });
    discord.touch(known);
    const unknown = discord.say({ channel: discord.channel, user: "Ann", text: "Whatever" });
    discord.edit(unknown, "Else");

    expect((await heardSoFar(discord.channel)).map(({ kind }) => kind)).toEqual(["said"]);
  });

  test("may affect one message or many at once", async () => {
    const ids = ["One", "Two", "Three"].map((text) =>
      discord.say({ channel: discord.channel, user: "Ann", text, mention: true }),
    );
    discord.delete(ids[0] ?? "");
    discord.deleteMany(discord.channel, ids.slice(1));

    const heard = await heardSoFar(discord.channel);
    expect(heard.filter(({ kind }) => kind === "deleted")).toMatchObject(
      ids.map((message) => ({ message, dedupeId: `discord:${message}:delete` })),
    );
  });

  test("is received once, despite later updates of its message: previews, pins, a thread on it", async () => {
    const id = discord.say({ channel: discord.channel, user: "Ann", text: "See a.b", mention: true });
    discord.edit(id, `<@${discord.botId}> See c.d`);
    for (let times = 0; times < 3; times += 1) discord.touch(id);
    discord.edit(id, `<@${discord.botId}> See e.f`);

    const heard = await heardSoFar(discord.channel);
    expect(heard.filter(({ kind }) => kind === "edited")).toMatchObject([
      { text: "See c.d" },
      { text: "See e.f" },
    ]);
  });

  test("by a bot is received as a bot's", async () => {
    const thread = discord.openThread(discord.channel);
    const bots = discord.say({ channel: thread, user: "CI", text: "Building", isBot: true });
    discord.edit(bots, `<@${discord.botId}> Built`);
    const [, edit] = await heardSoFar(thread);
    expect(edit).toMatchObject({ kind: "edited", message: bots, text: "Built", isByApp: true });
    expect(edit).not.toHaveProperty("call");
  });

  test.each([
    ["a channel", () => discord.channel],
    ["a thread", () => discord.openThread(discord.channel)],
  ])("that adds a mention of the bot brings the message as a call, in %s", async (_, open) => {
    const channel = open();
    const root = discord.say({ channel, user: "Bob", text: "The launch slips" });
    const id = discord.say({ channel, user: "Ann", text: "When then?", replyTo: root });
    await heardSoFar(channel);
    core.list(`${discord.guild}:${discord.channel}`, `discord:${discord.guild}:${id}`, "known");
    discord.edit(id, `<@${discord.botId}> When then?`);
    const edit = (await heardSoFar(channel)).find(({ kind }) => kind === "edited");
    const conversation = `discord:${discord.guild}:${channel === discord.channel ? id : channel}`;
    expect(edit).toMatchObject({
      conversation,
      text: "When then?",
      call: {
        kind: "said",
        conversation,
        dedupeId: `discord:${id}`,
        addressing: "mention",
        message: { id, text: "When then?", quoted: { text: "The launch slips" } },
        replyTo: { target: { how: channel === discord.channel ? "thread" : "reply" } },
      },
    });
    // What stands in a plain channel was for nobody until now.
    expect(edit !== undefined && "isNewCall" in edit).toBe(channel === discord.channel);
  });

  test("that mentions no one, or others, is no call", async () => {
    const thread = discord.openThread(discord.channel);
    const id = discord.say({ channel: thread, user: "Ann", text: "When then?" });
    discord.edit(id, "<@1> when then?");
    const edit = (await heardSoFar(thread)).find(({ kind }) => kind === "edited");
    expect(edit).toMatchObject({ message: id });
    expect(edit).not.toHaveProperty("call");
  });

  test.each([
    ["a thread", () => discord.openThread(discord.channel)],
    ["a DM", () => discord.directWith("Ann")],
  ])("in %s also applies to messages from before the bot was called", async (_, open) => {
    const channel = open();
    const early = discord.say({ channel, user: "Ann", text: "Early" });
    await eventually(() => expect(bot.core.said.map(({ message }) => message.id)).toContain(early));
    discord.say({ channel, user: "Ann", text: "Hi", mention: true });
    // As when the bot came later: it was read, not heard.
    core.forgetWhere(early);
    await heardSoFar(channel);
    discord.edit(early, "Earlier");
    discord.delete(early);

    const { conversation, place } = core.said.at(-1) ?? {};
    const changes = (await heardSoFar(channel)).filter(({ kind }) => kind !== "said");
    expect(changes).toMatchObject([
      { kind: "edited", message: early, text: "Earlier", conversation, place },
      { kind: "deleted", message: early, conversation, place, replyTo: { target: { message: early } } },
    ]);
  });

  test("of a thread's starting message belongs to the thread's conversation", async () => {
    const root = discord.say({ channel: discord.channel, user: "Ann", text: "Where do we eat?" });
    const thread = discord.openThread(discord.channel, { on: root });
    discord.say({ channel: thread, user: "Bob", text: "What do you think?", mention: true });
    await heardSoFar(thread);
    discord.edit(root, "When do we eat?");
    discord.delete(root);
    discord.delete(discord.say({ channel: discord.channel, user: "Ann", text: "Other talk" }));

    const conversation = `discord:${discord.guild}:${thread}`;
    const place = `${discord.guild}:${discord.channel}`;
    const changes = (await heardSoFar(discord.channel)).filter(({ kind }) => kind !== "said");
    expect(changes).toMatchObject([
      { kind: "edited", message: root, text: "When do we eat?", conversation, place },
      { kind: "deleted", message: root, conversation, place, replyTo: { target: { channel: root } } },
    ]);
  });

  test("by the bot of a post that is not remembered yet is ignored; one by other people is received", async () => {
    const thread = discord.openThread(discord.channel);
    discord.say({ channel: thread, user: "Ann", text: "Hi", mention: true });
    const { replyTo, conversation } = (await nextSaid()) ?? {};
    assert(replyTo && conversation);
    const [first, second] = [
      await bot.platform.createPost(replyTo, post("One", { turn: "one" }), never),
      await bot.platform.createPost(replyTo, post("Two", { turn: "two" }), never),
    ];
    await bot.platform.deletePost(replyTo, first, never);
    const remembered = second.split("/")[1] ?? "";
    core.locate(`${discord.guild}:${discord.channel}`, remembered, conversation);
    discord.delete(remembered);

    const changes = (await heardSoFar(thread)).filter(({ kind }) => kind !== "said");
    expect(changes).toMatchObject([{ kind: "deleted", message: remembered, conversation }]);
  });
});

describe("while the archive is unavailable", () => {
  test("an edit and a deletion of an old message delay no others in their channel, and are passed on", async () => {
    const thread = discord.openThread(discord.channel);
    const conversation = `discord:${discord.guild}:${thread}` as const;
    const old = discord.say({ channel: thread, user: "Ann", text: "Long ago" });
    await nextSaid();
    core.forgetWhere(old);
    core.isArchiveAway = true;
    try {
      discord.edit(old, "Longer ago");
      discord.delete(old);
      const id = discord.say({ channel: thread, user: "Ann", text: "And now?", mention: true });
      await eventually(() => expect(core.said.at(-1)?.message.id).toBe(id));
      expect(core.accepted.slice(-3)).toMatchObject([
        { kind: "edited", conversation, message: old },
        { kind: "deleted", conversation, message: old },
        { kind: "said", conversation },
      ]);
    } finally {
      core.isArchiveAway = false;
    }
  });
});
