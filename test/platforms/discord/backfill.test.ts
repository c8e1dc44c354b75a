import { afterEach, assert, beforeEach, describe, expect, test } from "vitest";

import { startDiscordStandIn, type DiscordStandIn } from "../../support/discord/discord-stand-in.ts";
import { never, openBot, post, type OpenBot } from "../../support/discord/open-bot.ts";
import { eventually } from "../../support/eventually.ts";

let discord: DiscordStandIn;
let bot: OpenBot;
let thread: string;

beforeEach(async () => {
  discord = await startDiscordStandIn();
  bot = await openBot(discord);
  thread = discord.openThread(discord.channel);
});

afterEach(async () => {
  await bot[Symbol.asyncDispose]();
  await discord[Symbol.asyncDispose]();
});

const reads = () => discord.calls("GET", /^\/channels/u);

/** Somebody calls the bot; gives how the conversation begins. */
async function call(channel = thread) {
  const before = discord.say({ channel, user: "Cid", text: "What do you think?", mention: true });
  await eventually(() => expect(bot.core.said.map(({ message }) => message.id)).toContain(before));
  const said = bot.core.said.find(({ message }) => message.id === before);
  assert(said);
  return { conversation: said.conversation, place: said.place, before };
}

async function earlier(begun?: Parameters<typeof bot.platform.fetchHistory>[0], limit = 200) {
  return bot.platform.fetchHistory(begun ?? (await call()), limit, never);
}

const textsOf = (messages: readonly { readonly text: string }[]) => messages.map(({ text }) => text);

describe("the history from before the bot was called", () => {
  test("of a thread is returned oldest first, like received messages", async () => {
    const attachments = [
      { id: "1", filename: "plan.pdf", size: 12, content_type: "application/pdf", url: "x" },
    ];
    const first = discord.say({ channel: thread, user: "Ann", text: "Here is <@1>'s plan", attachments });
    const second = discord.say({ channel: thread, user: "Bob", text: "Thanks", replyTo: first });
    const begun = await call();

    expect(await earlier(begun)).toEqual([
      {
        id: first,
        author: { id: discord.world.user("Ann").id, name: "Ann" },
        text: "Here is @someone's plan",
        saidAtMs: discord.world.messages.get(first)?.sentAtMs,
        attachments: [
          {
            name: "plan.pdf",
            mediaType: "application/pdf",
            sizeBytes: 12,
            ref: { platform: "discord", id: `${thread}/${first}/1` },
          },
        ],
        permalink: `https://discord.com/channels/${discord.guild}/${thread}/${first}`,
      },
      expect.objectContaining({ id: second, text: "Thanks" }),
    ]);
    expect(reads().map(({ query }) => query)).toEqual([`?limit=100&before=${begun.before}`]);
  });

  test("includes other bots and webhooks, but neither the bot's posts nor Discord's announcements", async () => {
    const say = (text: string, extra: object = {}) =>
      discord.say({ channel: thread, user: "Ann", text, ...extra });
    say("Hi");
    say("renamed the thread", { type: 4 });
    say("Build failed", { user: "CI", isBot: true });
    say("A poll", { user: "Polls", isBot: true, type: 20 });
    say("By a hook", { user: "Hook", isBot: true, extra: { webhook_id: "5" } });
    say("", {
      user: "Alerts",
      isBot: true,
      extra: { embeds: [{ title: "Disk full", description: "On db-1" }] },
    });
    say("see https://example.org", { extra: { embeds: [{ title: "A preview" }] } });
    say("");
    const begun = await call();
    const [said] = bot.core.said;
    assert(said);
    await bot.platform.createPost(said.replyTo, post("My own answer"), never);
    const after = discord.say({ channel: thread, user: "Ann", text: "Go on" });

    expect(textsOf(await earlier({ ...begun, before: after }))).toEqual([
      "Hi",
      "Build failed",
      "A poll",
      "By a hook",
      "Disk full\nOn db-1",
      "see https://example.org",
      "What do you think?",
    ]);
  });

  test("has the server nicknames of recent authors, and the account names of others", async () => {
    discord.world.user("Ann").nick = "Annie";
    discord.world.user("Bob").nick = "Bobby";
    const ann = discord.world.user("Ann").id;
    for (const user of ["Ann", "Bob"]) discord.say({ channel: thread, user, text: `<@${ann}>?` });
    await call();
    await bot[Symbol.asyncDispose]();
    bot = await openBot(discord);
    discord.say({ channel: discord.channel, user: "Ann", text: "Hi" });

    expect(await earlier()).toMatchObject([
      { author: { name: "Annie" } },
      { author: { name: "Bob" } },
      { author: { name: "Cid" } },
    ]);
  });

  test("is read page by page, newest first, up to the limit", async () => {
    for (let n = 1; n <= 250; n += 1) discord.say({ channel: thread, user: "Ann", text: `${n}` });
    const begun = await call();

    const read = await earlier(begun, 120);
    expect(textsOf(read)).toEqual(Array.from({ length: 120 }, (_, n) => `${n + 131}`));
    // The third: whether the thread was opened on a message, which would come first.
    expect(reads()).toHaveLength(3);
    expect(textsOf(await earlier(begun, 500))).toEqual(Array.from({ length: 250 }, (_, n) => `${n + 1}`));
  });

  test("is read further for a while if much of it is not kept", async () => {
    discord.say({ channel: thread, user: "Ann", text: "Old" });
    for (let n = 1; n <= 150; n += 1) discord.say({ channel: thread, user: "Ann", text: "joined", type: 7 });
    expect(textsOf(await earlier())).toEqual(["Old"]);
  });

  test("without a calling message is the newest part", async () => {
    discord.say({ channel: thread, user: "Ann", text: "One" });
    const { conversation, place } = await call();
    expect(textsOf(await earlier({ conversation, place }))).toEqual(["One", "What do you think?"]);
  });

  test("of a DM is read from the DM", async () => {
    const direct = discord.directWith("Ann");
    discord.say({ channel: direct, user: "Ann", text: "Psst" });
    const begun = await call(direct);
    expect(await earlier(begun)).toMatchObject([
      { text: "Psst", permalink: expect.stringContaining(`/@me/${direct}/`) },
    ]);
  });

  test("of an archived thread is found", async () => {
    discord.say({ channel: thread, user: "Ann", text: "Long ago" });
    discord.archive(thread);
    await bot[Symbol.asyncDispose]();
    bot = await openBot(discord);
    expect(textsOf(await earlier())).toEqual(["Long ago"]);
  });

  test("of a private thread is read from that thread only", async () => {
    thread = discord.openThread(discord.channel, { isPrivate: true });
    for (let n = 1; n <= 100; n += 1) discord.say({ channel: thread, user: "Ann", text: `${n}` });
    expect(await earlier(undefined, 100)).toHaveLength(100);
    expect(reads().map(({ path }) => path)).toEqual([`/channels/${thread}/messages`]);
  });
});

describe("the message that started a thread", () => {
  async function open() {
    const root = discord.say({ channel: discord.channel, user: "Ann", text: "Where do we eat?" });
    thread = discord.openThread(discord.channel, { on: root });
    discord.say({ channel: thread, user: "Bob", text: "At home" });
    return root;
  }

  test("comes first, with its own link", async () => {
    const root = await open();
    expect(await earlier()).toMatchObject([
      {
        id: root,
        text: "Where do we eat?",
        permalink: `https://discord.com/channels/${discord.guild}/${discord.channel}/${root}`,
      },
      { text: "At home" },
    ]);
    expect(reads()).toHaveLength(1);
  });

  test("is fetched when Discord does not send it with the thread", async () => {
    await open();
    const mark = [...discord.world.messages.values()].find(({ type }) => type === 21);
    assert(mark);
    Object.assign(mark.extra, { referenced_message: undefined });
    expect(textsOf(await earlier())).toEqual(["Where do we eat?", "At home"]);
  });

  test("comes first within the limit, even if more messages followed than are read", async () => {
    await open();
    for (let n = 1; n <= 120; n += 1) discord.say({ channel: thread, user: "Bob", text: `${n}` });
    const read = await earlier(undefined, 100);
    expect(textsOf(read)).toEqual(["Where do we eat?", ...Array.from({ length: 99 }, (_, n) => `${n + 22}`)]);
  });

  test("of a forum post is in the thread itself", async () => {
    const forum = discord.addChannel({ type: 15 }).id;
    thread = discord.openPost(forum, { user: "Ann", text: "A question" });
    for (let n = 1; n <= 120; n += 1) discord.say({ channel: thread, user: "Bob", text: `${n}` });
    const begun = await call();
    expect(textsOf(await earlier(begun, 100)).slice(0, 2)).toEqual(["[post: A post]\nA question", "22"]);
    expect(textsOf(await earlier(begun, 200)).slice(0, 2)).toEqual(["[post: A post]\nA question", "1"]);
  });

  test("may be deleted, or the bot's own", async () => {
    const root = await open();
    discord.delete(root);
    expect(textsOf(await earlier())).toEqual(["At home"]);

    const direct = discord.openThread(discord.channel);
    discord.say({ channel: direct, user: "Ann", text: "Write something", mention: true });
    await eventually(() => expect(bot.core.said).toHaveLength(2));
    const said = bot.core.said.at(-1);
    assert(said);
    const own = await bot.platform.createPost(
      { ...said.replyTo, target: { ...said.replyTo.target, channel: discord.channel } },
      post("Ours"),
      never,
    );
    thread = discord.openThread(discord.channel, { on: own.split("/")[1] ?? "" });
    discord.say({ channel: thread, user: "Bob", text: "At home" });
    expect(textsOf(await earlier())).toEqual(["At home"]);
  });

  test("that can't be fetched leaves the other messages", async () => {
    await open();
    for (let n = 1; n <= 120; n += 1) discord.say({ channel: thread, user: "Bob", text: `${n}` });
    discord.fail({ path: /messages\/\d+$/u, status: 500 });
    expect(await earlier(undefined, 100)).toHaveLength(100);
  });
});

test("a conversation that a private answer in a channel begins has the message that it is about", async () => {
  const message = discord.say({ channel: discord.channel, user: "Ann", text: "The code is swordfish" });
  const place = `${discord.guild}:${discord.channel}`;
  const begun = { conversation: `discord:${discord.guild}:${message}`, place } as const;
  expect(await earlier(begun)).toMatchObject([
    { id: message, text: "The code is swordfish", permalink: expect.stringContaining(discord.channel) },
  ]);
  discord.delete(message);
  expect(await earlier(begun)).toEqual([]);
});

describe("a backfill returns nothing", () => {
  test("for a mention that opens its own thread, without a call to Discord", async () => {
    discord.say({ channel: discord.channel, user: "Ann", text: "Talk in the channel" });
    expect(await earlier(await call(discord.channel))).toEqual([]);
    expect(reads()).toEqual([]);
  });

  test("for a command about a whole channel", async () => {
    discord.say({ channel: discord.channel, user: "Ann", text: "Talk in the channel" });
    const place = `${discord.guild}:${discord.channel}`;
    expect(await earlier({ conversation: `discord:${place}`, place })).toEqual([]);
    expect(reads()).toEqual([]);
  });

  test("in a conversation that has no thread yet", async () => {
    const { conversation, place, before: root } = await call(discord.channel);
    const before = discord.say({ channel: discord.channel, user: "Ann", text: "And?", replyTo: root });
    expect(await earlier({ conversation, place, before })).toEqual([]);
  });

  test("that the bot may read", async () => {
    discord.say({ channel: thread, user: "Ann", text: "Hidden" });
    discord.deny(thread, "history");
    expect(await earlier()).toEqual([]);
  });

  test("in a deleted thread", async () => {
    const begun = await call();
    discord.fail({ path: /messages$/u, status: 404, code: 10_003 });
    expect(await earlier(begun)).toEqual([]);
  });
});

describe("when Discord fails", () => {
  test("at the first page, the backfill fails", async () => {
    const begun = await call();
    discord.fail({ path: /messages$/u, status: 500 });
    await expect(earlier(begun)).rejects.toMatchObject({ kind: "unreachable" });
    discord.fail({ path: /messages$/u, status: 429, retryAfterS: 60 });
    await expect(earlier(begun)).rejects.toMatchObject({ kind: "rate-limited" });
  });

  test("at a later page, the earlier pages are returned", async () => {
    for (let n = 1; n <= 150; n += 1) discord.say({ channel: thread, user: "Ann", text: `${n}` });
    const begun = await call();
    // The first match of a fault is used up first.
    discord.fail({ path: /messages$/u, delayMs: 1 });
    discord.fail({ path: /messages$/u, status: 429, retryAfterS: 60 });
    expect(textsOf(await earlier(begun))).toEqual(Array.from({ length: 100 }, (_, n) => `${n + 51}`));
  });

  test("to respond, the backfill fails within five seconds", async () => {
    const begun = await call();
    discord.fail({ path: /messages$/u, isSilent: true });
    const beganAtMs = Date.now();
    await expect(earlier(begun)).rejects.toMatchObject({ kind: "unreachable" });
    expect(Date.now() - beganAtMs).toBeLessThan(7_000);
  });

  test("an abort rejects with its reason", async () => {
    const begun = await call();
    discord.fail({ path: /messages$/u, isSilent: true });
    const abort = new AbortController();
    const reading = bot.platform.fetchHistory(begun, 10, abort.signal);
    await eventually(() => expect(reads()).toHaveLength(1));
    abort.abort(new Error("No longer wanted"));
    await expect(reading).rejects.toThrow("No longer wanted");
  });
});
