import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { startDiscordStandIn, type DiscordStandIn } from "../../support/discord/discord-stand-in.ts";
import { Core, never, openBot, type OpenBot } from "../../support/discord/open-bot.ts";
import { answered, commandIn, contentsOf } from "../../support/discord/waits.ts";
import { permissions } from "../../support/discord/world.ts";

let discord: DiscordStandIn;
let bot: OpenBot;
let core: Core;
let place: string;

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
  place = `${discord.guild}:${discord.channel}`;
  return () => bot[Symbol.asyncDispose]();
});

/** A listed conversation in a thread. */
function listed(title: string): string {
  const thread = discord.openThread(discord.channel, { name: title });
  core.list(place, `discord:${discord.guild}:${thread}`, title);
  return thread;
}

/** What is offered for what was typed. */
async function offered(
  typed: string,
  option = "conversation",
  channel = discord.channel,
): Promise<readonly { readonly name: string; readonly value: string }[]> {
  const interaction = discord.type({ channel, user: "Ann", name: "summary", option, typed });
  await answered(interaction);
  expect(interaction.callbacks).toMatchObject([{ type: 8 }]);
  return JSON.parse(JSON.stringify(interaction.callbacks[0]?.data?.["choices"]));
}

describe("while a conversation is typed, Discord offers", () => {
  test("the recent ones of the channel by title, also in its threads, and no others", async () => {
    const lunch = listed("Lunch");
    const other = listed("");
    core.list(place, `discord:${place}`, "The channel");
    core.list("elsewhere", `discord:${discord.guild}:73`, "Hidden");
    const both = [
      { name: "Lunch · 1 h ago", value: lunch },
      { name: "(no text) · 1 h ago", value: other },
    ];
    expect(await offered("")).toEqual(both);
    expect(await offered("UNC")).toEqual(both.slice(0, 1));
    expect(await offered(`<#${other}>`)).toEqual(both.slice(1));
    expect(await offered("dinner")).toEqual([]);
    expect(await offered("", "conversation", lunch)).toEqual(both.slice(1));
  });

  test("at most 25, of at most 100 characters", async () => {
    for (let n = 1; n <= 30; n += 1) listed(`${"long ".repeat(30)}${n}`);
    const choices = await offered("long");
    expect(choices).toHaveLength(25);
    expect(choices.every(({ name }) => name.length === 100 && name.endsWith("… · 1 h ago"))).toBe(true);
  });

  test("nothing in a DM, or to people who may not read the channel's history", async () => {
    const thread = listed("Lunch");
    core.list(`dm:${discord.directWith("Ann")}`, `discord:dm:${discord.directWith("Ann")}`, "Secret");
    expect(await offered("", "conversation", discord.directWith("Ann"))).toEqual([]);
    discord.overwrite(discord.channel, { id: discord.guild, deny: permissions.history });
    expect(await offered("")).toEqual([]);
    const slash = { channel: discord.channel, user: "Ann", name: "reset", text: { conversation: thread } };
    const given = discord.slash(slash);
    await answered(given);
    expect(contentsOf(given.original)).toEqual([
      "You can't read the message history here, so I can't show you its conversations.",
    ]);
    discord.overwrite(discord.channel);
  });

  test("nothing when the store fails or hangs, and no error", async () => {
    listed("Lunch");
    core.outages = 1;
    expect(await offered("")).toEqual([]);
    core.hangs = true;
    expect(await offered("")).toEqual([]);
    core.hangs = false;
    expect(await offered("")).toHaveLength(1);
  });
});

test("while a start time is typed, Discord offers what the command suggests, as far as it fits", async () => {
  expect(await offered("", "since")).toEqual(["today", "yesterday"].map((name) => ({ name, value: name })));
  expect(await offered("tod", "since", discord.directWith("Ann"))).toHaveLength(1);
  expect(await offered("tod", "unknown")).toEqual([]);
});

test("a malformed interaction costs only itself", async () => {
  const broken = discord.type({
    channel: discord.channel,
    user: "Ann",
    name: "summary",
    option: "x",
    typed: "",
  });
  await answered(broken);
  const event = {
    id: broken.id,
    token: broken.token,
    type: 4,
    channel_id: discord.channel,
    entitlements: [],
  };
  for (const data of [undefined, {}, { name: "summary", options: 5 }])
    discord.gateway.dispatch("INTERACTION_CREATE", { ...event, data });
  discord.gateway.dispatch("INTERACTION_CREATE", { ...event, type: 2, data: undefined });
  listed("Lunch");
  expect(await offered("")).toHaveLength(1);
  expect(bot.platform.health().ok).toBe(true);
});

describe("a command with a conversation", () => {
  const slash = (conversation: string, channel = discord.channel) =>
    discord.slash({ channel, user: "Ann", name: "summary", options: ["share"], text: { conversation } });

  test("is for the chosen one, also from another thread, and its answer names it", async () => {
    const [lunch, dinner] = [listed("Lunch"), listed("Dinner")];
    const interaction = slash(lunch, dinner);
    await answered(interaction);
    expect(interaction.callbacks).toMatchObject([{ type: 5, data: { flags: 68 } }]);
    const command = await commandIn(core);
    expect(command).toMatchObject({
      conversation: `discord:${discord.guild}:${lunch}`,
      place,
      argument: "share",
    });
    await bot.platform.sendPrivately(command.replyTo, ["Done."], never);
    expect(contentsOf(interaction.original)).toEqual([`In <#${lunch}>:\n\nDone.`]);
    expect(command.replyTo.target).toMatchObject({ channel: lunch });
  });

  test("without a thread, posts for everyone in the channel", async () => {
    const dinner = listed("Dinner");
    const id = discord.say({ channel: discord.channel, user: "Ann", text: "A chain of replies" });
    core.list(place, `discord:${discord.guild}:${id}`, "Chain");
    discord.fail({ path: new RegExp(`/channels/${id}$`, "u"), status: 404, code: 10_003 });
    slash(id, dinner);
    expect((await commandIn(core)).replyTo.target).toMatchObject({ channel: discord.channel, topic: id });
  });

  test.each([
    ["its title", () => "lunch at NOON"],
    ["a part of it", () => "noon"],
    ["a mention", (id: string) => `<#${id}>`],
    ["a link to a message in it", (id: string) => `https://discord.com/channels/1/${id}/2`],
  ])("takes %s as typed by hand", async (_, typed) => {
    const lunch = listed("Lunch at noon");
    listed("Lunch at noon tomorrow is off".replace("noon ", "12 "));
    slash(typed(lunch));
    expect(await commandIn(core)).toMatchObject({ conversation: `discord:${discord.guild}:${lunch}` });
  });

  test("offers those that a typed title may mean, or says that there is none", async () => {
    listed("Lunch on Monday");
    listed("Lunch on Friday");
    listed("Dinner");
    const vague = slash("lunch");
    await answered(vague);
    const labels = [...JSON.stringify(vague.original).matchAll(/"label":"([^"]+)"/gu)].map(
      ([, label]) => label,
    );
    expect(labels).toEqual(["Lunch on Monday", "Lunch on Friday"]);
    const unknown = slash("breakfast");
    await answered(unknown);
    expect(contentsOf(unknown.original)).toEqual([
      "I don't know a conversation with that name here. Choose one from the list.",
    ]);
    expect(core.commanded).toEqual([]);
  });

  test("that is its own thread runs there; in a DM there is no other", async () => {
    const lunch = listed("Lunch");
    slash(lunch, lunch);
    expect(await commandIn(core)).toMatchObject({ conversation: `discord:${discord.guild}:${lunch}` });
    const direct = slash(lunch, discord.directWith("Ann"));
    await answered(direct);
    expect(contentsOf(direct.original)).toEqual([
      "In a DM there is only this one conversation. Use the command without `conversation`.",
    ]);
    expect(core.commanded).toHaveLength(1);
  });
});
