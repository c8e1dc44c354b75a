import { assert, expect, test } from "vitest";

import { Core, never, openBot } from "../../support/discord/open-bot.ts";
import { startDiscordStandIn } from "../../support/discord/discord-stand-in.ts";

const patiently = { timeout: 60_000, interval: 5 };

test("🔇 is a mute, and an unmute when it is removed: in a thread, a DM and a plain channel", async () => {
  await using discord = await startDiscordStandIn();
  const core = new Core();
  await using bot = await openBot(discord, core);
  const thread = discord.world.addChannel({ type: 11, guild: discord.guild, parent: discord.channel }).id;
  const direct = discord.directWith("Ana");
  const messages = [thread, direct, discord.channel].map((channel) =>
    discord.say({ channel, user: "Ana", text: "Where is the key?", mention: true }),
  );
  await expect.poll(() => core.said.length, patiently).toBe(3);
  const conversationOf = new Map(core.said.map(({ message, conversation }) => [message.id, conversation]));
  const conversations = messages.map((message) => conversationOf.get(message));
  for (const message of messages) {
    for (const isRemoved of [false, true]) discord.react({ message, user: "Ana", emoji: "🔇", isRemoved });
  }
  const found = () =>
    core.commanded.map(({ conversation, name, reactedTo }) => `${conversation} ${name} ${reactedTo}`);
  const wanted = messages.flatMap((message, index) =>
    ["mute", "unmute"].map((name) => `${conversations[index]} ${name} ${message}`),
  );
  await expect.poll(() => found().length, patiently).toBe(wanted.length);
  expect(new Set(found())).toEqual(new Set(wanted));
  const placeOf = (name: string, message: string) =>
    found().findIndex((each) => each.endsWith(` ${name} ${message}`));
  for (const message of messages) expect(placeOf("mute", message)).toBeLessThan(placeOf("unmute", message));
  const inThread = core.commanded.find(({ reactedTo }) => reactedTo === messages[0]);
  expect(inThread?.by).toEqual({ id: discord.world.user("Ana").id, name: "Ana" });
  expect(bot.fatal).toEqual([]);
});

test("the same person can mute, unmute and mute again", async () => {
  await using discord = await startDiscordStandIn();
  const core = new Core();
  await using bot = await openBot(discord, core);
  const message = discord.say({ channel: discord.channel, user: "Ana", text: "Key?", mention: true });
  for (const isRemoved of [false, true, false])
    discord.react({ message, user: "Bo", emoji: "🔇", isRemoved });
  await expect
    .poll(() => core.commanded.map(({ name }) => name), patiently)
    .toEqual(["mute", "unmute", "mute"]);
  expect(bot.fatal).toEqual([]);
});

test("other reactions, those of apps and the bot's own ask Discord nothing and are not stored", async () => {
  await using discord = await startDiscordStandIn();
  const core = new Core();
  await using bot = await openBot(discord, core);
  const message = discord.say({ channel: discord.channel, user: "Ana", text: "Key?", mention: true });
  await expect.poll(() => core.said.length, patiently).toBe(1);
  const tries = core.tries;
  const calls = discord.journal.length;
  discord.world.user("robot", true);
  for (const emoji of ["👍", "🔕", "mute"]) discord.react({ message, user: "Ana", emoji });
  for (const user of ["robot", discord.world.bot.name]) discord.react({ message, user, emoji: "🔇" });
  discord.react({ message, user: discord.world.bot.name, emoji: "🔇", isRemoved: true });
  discord.react({ message, user: "Ana", emoji: "🔇" });
  await expect.poll(() => core.commanded.length, patiently).toBe(1);
  expect([core.tries - tries, discord.journal.length - calls]).toEqual([1, 0]);
  expect(bot.fatal).toEqual([]);
});

test("a reaction waits for a store that is away", async () => {
  await using discord = await startDiscordStandIn();
  const core = new Core();
  await using bot = await openBot(discord, core);
  const message = discord.say({ channel: discord.channel, user: "Ana", text: "Key?", mention: true });
  await expect.poll(() => core.said.length, patiently).toBe(1);
  core.outages = 3;
  for (const isRemoved of [false, true]) discord.react({ message, user: "Ana", emoji: "🔇", isRemoved });
  await expect.poll(() => core.commanded.map(({ name }) => name), patiently).toEqual(["mute", "unmute"]);
  expect(bot.fatal).toEqual([]);
});

test("who clears the reactions to a message unmutes for everyone, in each kind of channel", async () => {
  await using discord = await startDiscordStandIn();
  const core = new Core();
  await using bot = await openBot(discord, core);
  const thread = discord.world.addChannel({ type: 11, guild: discord.guild, parent: discord.channel }).id;
  const channels = [thread, discord.channel];
  const messages = channels.map((channel) =>
    discord.say({ channel, user: "Ana", text: "Where is the key?", mention: true }),
  );
  await expect.poll(() => core.said.length, patiently).toBe(2);
  for (const message of messages) discord.clearReactions(message, "👍");
  for (const message of messages) discord.clearReactions(message, "🔇");
  for (const message of messages) discord.clearReactions(message);
  const own = { id: discord.world.bot.id, name: discord.world.bot.name };
  const wanted = messages.map((message, index) => ({
    name: "unmute",
    by: own,
    ofEveryone: true,
    rights: ["read", "write"],
    reactedTo: message,
    conversation: core.said.find((each) => each.message.id === message)?.conversation ?? index,
  }));
  const found = () =>
    core.commanded.toSorted(
      (a, b) => messages.indexOf(a.reactedTo ?? "") - messages.indexOf(b.reactedTo ?? ""),
    );
  await expect.poll(found, patiently).toMatchObject(wanted.flatMap((each) => [each, each]));
  expect(bot.fatal).toEqual([]);
});

test("while the archive is away, a reaction to an old message delays no others in its channel, and counts later", async () => {
  await using discord = await startDiscordStandIn();
  const core = new Core();
  await using bot = await openBot(discord, core);
  const { guild, channel } = discord;
  const old = discord.say({ channel, user: "Ana", text: "Long ago", mention: true });
  await expect.poll(() => core.said.length, patiently).toBe(1);
  core.forgetWhere(old);
  core.isArchiveAway = true;
  discord.react({ message: old, user: "Ana", emoji: "🔇" });
  discord.say({ channel, user: "Ana", text: "And now?", mention: true });
  await expect.poll(() => core.said.length, patiently).toBe(2);
  expect(core.commanded).toEqual([]);
  core.locate(`${guild}:${channel}`, old, `discord:${guild}:7`);
  core.isArchiveAway = false;
  await expect
    .poll(() => core.commanded, patiently)
    .toMatchObject([{ name: "mute", conversation: `discord:${guild}:7`, reactedTo: old }]);
  expect(bot.fatal).toEqual([]);
});

test("a reaction to a post of an answer that is being written belongs to the question, also when it is removed", async () => {
  await using discord = await startDiscordStandIn();
  const core = new Core();
  await using bot = await openBot(discord, core);
  const voice = discord.addChannel({ type: 2 }).id;
  discord.say({ channel: voice, user: "Ana", text: "Key?", mention: true });
  await expect.poll(() => core.said.length, patiently).toBe(1);
  const [asked] = core.said;
  assert(asked);
  const post = {
    turn: "t1",
    part: 0,
    text: "Half an",
    state: "writing",
    covers: [asked.message.id],
  } as const;
  await bot.platform.createPost(asked.replyTo, post, never);
  const [shown] = discord.posts(voice);
  for (const isRemoved of [false, true])
    discord.react({ message: shown?.id ?? "", user: "Ana", emoji: "🔇", isRemoved });
  const { conversation } = asked;
  await expect
    .poll(() => core.commanded, patiently)
    .toMatchObject(["mute", "unmute"].map((name) => ({ name, conversation, reactedTo: shown?.id })));
  // What other people wrote is not read.
  const chat = discord.say({ channel: voice, user: "Bo", text: "Hm" });
  const calls = discord.journal.length;
  discord.react({ message: chat, user: "Ana", emoji: "🔇" });
  await expect.poll(() => core.commanded.length, patiently).toBe(3);
  expect(discord.journal.length).toBe(calls);
  expect(bot.fatal).toEqual([]);
});
