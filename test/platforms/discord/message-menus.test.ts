import { afterAll, assert, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { startDiscordStandIn, type DiscordStandIn } from "../../support/discord/discord-stand-in.ts";
import { Core, never, openBot, type OpenBot } from "../../support/discord/open-bot.ts";
import { answered, commandIn, contentsOf } from "../../support/discord/waits.ts";
import { permissions, type Interaction } from "../../support/discord/world.ts";

let discord: DiscordStandIn;
let bot: OpenBot;
let core: Core;

beforeAll(async () => {
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

const asks = { user: "Ann", name: "Ask about this" } as const;

/** Ann asks about a message, by its menu. */
async function ask(message: string, question: string, locale = "en-US"): Promise<Interaction> {
  const choice = discord.choose({ message, ...asks, locale });
  await answered(choice);
  const form = discord.submitForm(choice, question, { locale });
  await answered(form);
  return form;
}

describe("Ask about this", () => {
  test("opens a form in the person's language, and an empty one asks for an explanation", async () => {
    const message = discord.say({ channel: discord.channel, user: "Bob", text: "The code is swordfish" });
    const choice = discord.choose({ message, ...asks, locale: "de" });
    await answered(choice);
    const [opened] = choice.callbacks;
    expect(opened).toMatchObject({ type: 9, data: { title: "Dazu etwas fragen" } });
    expect(JSON.stringify(opened)).not.toContain("swordfish");
    expect(core.accepted).toEqual([]);
    await ask(message, "", "de");
    expect(await commandIn(core)).toMatchObject({ name: "ask", argument: "Erkläre diese Nachricht." });
  });

  test("in a thread with the bot belongs to its conversation, with the whole message", async () => {
    const thread = discord.openThread(discord.channel);
    const where = {
      place: `${discord.guild}:${discord.channel}`,
      conversation: `discord:${discord.guild}:${thread}`,
    } as const;
    core.list(where.place, where.conversation, "A thread");
    const files = [{ id: "1", filename: "plan.pdf", size: 3, url: "https://cdn/plan.pdf" }];
    const text = `The code is swordfish, says <@${discord.botId}> ${"x".repeat(1_900)}`;
    const message = discord.say({ channel: thread, user: "Bob", text, attachments: files });
    const form = await ask(message, "which code?");
    expect(form.callbacks).toMatchObject([{ type: 5, data: { flags: 68 } }]);
    const command = await commandIn(core);
    expect(command).toMatchObject({ name: "ask", argument: "which code?", by: { name: "Ann" }, ...where });
    expect(command).not.toHaveProperty("isOutside");
    expect(command.about).toMatchObject({
      ...where,
      dedupeId: `discord:${message}`,
      message: {
        id: message,
        author: { name: "Bob" },
        text: expect.stringMatching(/^The code is swordfish.*x{1900}$/u),
        attachments: [{ name: "plan.pdf" }],
        permalink: expect.stringContaining(message),
      },
    });
    await bot.platform.sendPrivately(command.replyTo, ["42"], never);
    expect(contentsOf(form.original)).toEqual(["42"]);
  });

  test("in a channel belongs to the conversation of its message, and else to none", async () => {
    const { guild, channel } = discord;
    const first = discord.say({ channel, user: "Bob", text: "one" });
    core.locate(`${guild}:${channel}`, first, `discord:${guild}:77`);
    core.list(`${guild}:${channel}`, `discord:${guild}:77`, "Seventy-seven");
    await ask(first, "what?");
    const second = discord.say({ channel, user: "Bob", text: "two" });
    await ask(second, "what?");
    expect(core.commanded).toMatchObject([
      { conversation: `discord:${guild}:77` },
      { conversation: `discord:${guild}:${second}`, isOutside: true },
    ]);
    expect(core.commanded[0]).not.toHaveProperty("isOutside");
  });

  test.each([
    ["a message of the bot", {}],
    ["Discord's own line", { user: "Bob", text: "", type: 7 }],
    [
      "a forwarded message",
      {
        user: "Bob",
        text: "",
        extra: {
          message_snapshots: [{ message: { content: "hi", embeds: [], attachments: [], mentions: [] } }],
        },
      },
    ],
  ])("takes %s", async (_, saying) => {
    const channel = discord.directWith("Ann");
    const message = discord.say({ channel, user: "Threadkeeper", text: "An answer", ...saying });
    await ask(message, "what?");
    const { about } = await commandIn(core);
    expect(about?.message.text).toMatch(/^An answer$|joined the server|hi/u);
    expect(about?.conversation).toBe(`discord:dm:${channel}`);
  });

  test("says that a message without any text or file can't be read", async () => {
    const message = discord.say({ channel: discord.channel, user: "Bob", text: "" });
    const choice = discord.choose({ message, ...asks });
    await answered(choice);
    expect(contentsOf(choice.original)).toEqual(["There's nothing in that message that I can read."]);
  });

  test("is stored once, whichever replica gets the form", async () => {
    const message = discord.say({ channel: discord.channel, user: "Bob", text: "The code is swordfish" });
    const choice = discord.choose({ message, ...asks });
    await answered(choice);
    const form = discord.submitForm(choice, "which?", { times: 3 });
    await answered(form);
    await commandIn(core);
    expect(form.callbacks).toHaveLength(1);
    expect(core.commanded).toHaveLength(1);
  });

  test("answers only who opened the form, within an hour", async () => {
    const message = discord.say({ channel: discord.channel, user: "Bob", text: "The code is swordfish" });
    const choice = discord.choose({ message, ...asks });
    await answered(choice);
    const eve = discord.submitForm(choice, "which?", { by: "Eve" });
    await answered(eve);
    bot.clock.aheadMs = 61 * 60_000;
    const late = discord.submitForm(choice, "which?");
    await answered(late);
    for (const { original } of [eve, late])
      expect(contentsOf(original)).toEqual(["I don't have that message any more. Please choose it again."]);
    expect(core.accepted.filter(({ kind }) => kind === "commanded")).toEqual([]);
  });

  test("says at once when the store is away", async () => {
    const message = discord.say({ channel: discord.channel, user: "Bob", text: "The code is swordfish" });
    bot.files.isAway = true;
    const choice = discord.choose({ message, ...asks });
    await answered(choice);
    expect(contentsOf(choice.original)).toEqual([expect.stringMatching(/^I can't reach my memory/u)]);
    expect(JSON.stringify(bot.log)).not.toContain("swordfish");
  });
});

describe.each([
  ["a server without the bot", () => discord.addForeignChannel()],
  ["a group DM", () => discord.addGroup()],
])("in %s", (_, openChannel) => {
  test("a question about a message is outside of all conversations, and the bot is not in the place", async () => {
    const message = discord.say({ channel: openChannel(), user: "Bob", text: "The code is swordfish" });
    const form = await ask(message, "which code?");
    const command = await commandIn(core);
    expect(command).toMatchObject({ name: "ask", isOutside: true });
    expect(command.about?.message.text).toBe("The code is swordfish");
    expect(await bot.platform.isIn(command.place, never)).toBe(false);
    await bot.platform.sendPrivately(command.replyTo, ["42"], never);
    expect(contentsOf(form.original).at(-1)).toMatch(/^42\n-# I'm not a member here/u);
  });

  test("a free question is outside of all conversations", async () => {
    const channel = openChannel();
    const slash = discord.slash({ channel, user: "Ann", name: "ask", text: { question: "why?" } });
    await answered(slash);
    expect(slash.callbacks).toMatchObject([{ type: 5, data: { flags: 68 } }]);
    expect(await commandIn(core)).toMatchObject({ name: "ask", argument: "why?", isOutside: true });
  });
});

test("a free question in a thread with the bot is apart from its conversation", async () => {
  const thread = discord.openThread(discord.channel);
  discord.slash({ channel: thread, user: "Ann", name: "ask", text: { question: "why?" } });
  expect(await commandIn(core)).toMatchObject({ name: "ask", argument: "why?", isOutside: true });
});

describe("Show everyone", () => {
  test("begins a conversation in the channel, where none is known", async () => {
    const { guild, channel } = discord;
    const message = discord.say({ channel, user: "Bob", text: "The code is swordfish" });
    const form = await ask(message, "which code?");
    const { replyTo, place } = await commandIn(core);
    expect(await bot.platform.isIn(place, never)).toBe(true);
    const choices = [{ label: "Show everyone", name: "show", argument: "abc" }];
    const offer = { id: "offer", atMs: bot.clock.nowMs(), choices, orElse: "" };
    await bot.platform.sendPrivately(replyTo, ["42"], never, offer);
    const [, customId] = /"custom_id":"([^"]+)"/u.exec(JSON.stringify(form.original.at(-1))) ?? [];
    assert(customId);
    const press = discord.pressButton({ channel, user: "Ann", customId });
    await answered(press);
    expect(press.callbacks).toMatchObject([{ type: 7 }]);
    const shown = core.commanded.at(-1);
    expect(shown).toMatchObject({
      name: "show",
      argument: "abc",
      conversation: `discord:${guild}:${message}`,
    });
    expect(shown).not.toHaveProperty("isOutside");
    expect(shown?.replyTo.target["channel"]).toBe(channel);
  });

  test("is not offered in a channel where the bot may not write", async () => {
    const { id } = discord.addChannel({ name: "closed" });
    discord.overwrite(id, { id: discord.guild, deny: 1n << 11n });
    await expect.poll(() => bot.platform.isIn(`${discord.guild}:${id}`, never)).toBe(false);
  });

  test.each([
    ["a forum", 15],
    ["a private thread", 12],
  ])("needs the right to write in threads, and no other, in %s", async (_, type) => {
    const parent = discord.addChannel({ type: type === 15 ? 15 : 0, name: "threads" }).id;
    const id = type === 15 ? parent : discord.openThread(parent, { isPrivate: true });
    const isIn = () => bot.platform.isIn(`${discord.guild}:${id}`, never);
    discord.overwrite(parent, { id: discord.guild, deny: permissions.send });
    await expect.poll(isIn).toBe(true);
    discord.overwrite(parent, { id: discord.guild, deny: permissions.sendInThreads });
    await expect.poll(isIn).toBe(false);
  });
});

describe("Summarise from here", () => {
  const summarises = { user: "Ann", name: "Summarise from here" } as const;

  test("is about the remembered conversation of a thread, and of the channel as it reads now", async () => {
    const { guild, channel } = discord;
    const thread = discord.openThread(channel);
    core.list(`${guild}:${channel}`, `discord:${guild}:${thread}`, "A thread");
    for (const where of [thread, channel]) {
      const message = discord.say({ channel: where, user: "Bob", text: "The code is swordfish" });
      const choice = discord.choose({ message, ...summarises });
      await answered(choice);
      expect(choice.callbacks).toMatchObject([{ type: 5, data: { flags: 68 } }]);
      expect(core.commanded.at(-1)).toMatchObject({
        name: "summary-from",
        argument: "",
        conversation: `discord:${guild}:${where}`,
        about: { message: { id: message, text: "The code is swordfish" } },
      });
      expect(core.commanded.at(-1)?.isOutside).toBe(where === channel ? true : undefined);
    }
  });

  test("reads what follows, oldest first, as far as it may", async () => {
    const { id: channel } = discord.addChannel({ name: "long" });
    discord.say({ channel, user: "Bob", text: "before" });
    const first = discord.say({ channel, user: "Bob", text: "the beginning" });
    for (let count = 1; count <= 120; count += 1)
      discord.say({ channel, user: "Ann", text: `text ${count}` });
    discord.say({ channel, user: "Bob", text: "", type: 7 });
    discord.say({ channel, user: "Bob", text: "the end" });
    const choice = discord.choose({ message: first, ...summarises });
    await answered(choice);
    const { about } = core.commanded.at(-1) ?? {};
    assert(about);
    const before = discord.calls("GET", /messages$/u).length;
    const all = await bot.platform.fetchFrom(about, 500, never);
    expect(all.isCut).toBe(false);
    expect(all.messages).toHaveLength(122);
    expect(all.messages.at(0)?.text).toBe("the beginning");
    expect(all.messages.at(1)?.text).toBe("text 1");
    expect(all.messages.at(-1)?.text).toBe("the end");
    expect(discord.calls("GET", /messages$/u).length - before).toBe(2);
    const some = await bot.platform.fetchFrom(about, 50, never);
    expect(some.isCut).toBe(true);
    expect(some.messages).toHaveLength(50);
    discord.overwrite(channel, { id: discord.guild, deny: 1n << 16n });
    const kind = () => bot.platform.fetchFrom(about, 50, never).then(String, (error: unknown) => error);
    await expect.poll(kind).toMatchObject({ kind: "forbidden" });
  });

  test("says where the bot is no member that it can't", async () => {
    const message = discord.say({
      channel: discord.addForeignChannel(),
      user: "Bob",
      text: "The code is swordfish",
    });
    const choice = discord.choose({ message, ...summarises });
    await answered(choice);
    expect(contentsOf(choice.original)).toEqual([expect.stringMatching(/^I'm not a member here/u)]);
    expect(core.accepted).toEqual([]);
  });
});
