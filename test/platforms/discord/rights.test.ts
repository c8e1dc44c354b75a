import { afterEach, assert, beforeEach, describe, expect, test } from "vitest";

import type { Right } from "../../../src/domain/rights.ts";
import { startDiscordStandIn, type DiscordStandIn } from "../../support/discord/discord-stand-in.ts";
import { never, openBot, type OpenBot } from "../../support/discord/open-bot.ts";
import { permissions } from "../../support/discord/world.ts";
import { eventually } from "../../support/eventually.ts";

const { view, history, send, sendInThreads, manageMessages } = permissions;
const every: readonly Right[] = ["read", "write", "moderate"];

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

async function rightsOfLast(): Promise<readonly Right[] | undefined> {
  await eventually(() => expect(bot.core.commanded).toHaveLength(1));
  return bot.core.commanded[0]?.rights;
}

/** What the core is told of an order that was written as a message. */
async function mayOf(user: string, channel: string): Promise<readonly Right[]> {
  discord.say({ channel, user, text: "reset", mention: true });
  await eventually(() => expect(bot.core.said).toHaveLength(1));
  const [said] = bot.core.said;
  assert(said);
  const where = { conversation: said.conversation, place: said.place, hasWritten: true, isSpeaker: true };
  const asked = every.map(async (right) =>
    (await bot.platform.hasRight(said.message.author.id, right, where, never)) ? [right] : [],
  );
  return (await Promise.all(asked)).flat();
}

describe("a slash command in a thread carries the rights", () => {
  test.each([
    ["who may do the usual things", 0n, 0n, ["read", "write"]],
    ["who may not read the history", 0n, history, ["write"]],
    ["who may write in the channel, but not in its threads", 0n, sendInThreads, ["read"]],
    ["who may write in threads alone", 0n, send, ["read", "write"]],
    ["who may delete messages", manageMessages, 0n, ["read", "write", "moderate"]],
    ["who sees nothing", 0n, view, []],
  ])("of a person %s", async (_, allow, deny, rights) => {
    discord.overwrite(discord.channel, { id: discord.world.user("Ann").id, type: 1, allow, deny });
    const thread = discord.openThread(discord.channel);
    discord.slash({ channel: thread, user: "Ann", name: "summary" });
    expect(await rightsOfLast()).toEqual(rights);
  });

  test("and none in a DM, which has one person", async () => {
    discord.slash({ channel: discord.directWith("Ann"), user: "Ann", name: "reset" });
    expect(await rightsOfLast()).toBeUndefined();
    const where = {
      conversation: "discord:dm:1",
      place: "dm:1",
      hasWritten: false,
      isSpeaker: false,
    } as const;
    expect(await bot.platform.hasRight("1", "read", where, never)).toBe(true);
  });
});

describe("the rights for a written command", () => {
  test.each([
    ["who may not read the history", 0n, history, ["write"]],
    ["who may delete messages", manageMessages, 0n, ["read", "write", "moderate"]],
    ["who may do the usual things", 0n, 0n, ["read", "write"]],
  ])("are what Discord says of a person %s, in the channel and in its threads", async (...row) => {
    const [, allow, deny, rights] = row;
    discord.overwrite(discord.channel, { id: discord.world.user("Ann").id, type: 1, allow, deny });
    const thread = discord.openThread(discord.channel);
    expect(await mayOf("Ann", thread)).toEqual(rights);
  });

  test("are none for a person who has left the server", async () => {
    const thread = discord.openThread(discord.channel);
    discord.world.user("Ann").hasLeft = true;
    await expect(mayOf("Ann", thread)).rejects.toMatchObject({ kind: "gone" });
  });
});

describe("the picker of a channel", () => {
  const answered = async (interaction: { readonly original: readonly { readonly content: string }[] }) => {
    await eventually(() => expect(interaction.original).toHaveLength(1));
    return interaction.original[0]?.content;
  };

  test("shows no titles to a person who may not read the history", async () => {
    bot.core.list(`${discord.guild}:${discord.channel}`, `discord:${discord.guild}:71`, "The secret lunch");
    discord.overwrite(discord.channel, { id: discord.world.user("Ann").id, type: 1, deny: history });
    const interaction = discord.slash({ channel: discord.channel, user: "Ann", name: "summary" });
    expect(await answered(interaction)).toContain("can't read the message history");
    expect(JSON.stringify(interaction)).not.toContain("lunch");
  });

  test("passes on the person's rights in the picked thread, and answers there", async () => {
    const thread = discord.openThread(discord.channel);
    discord.archive(thread);
    bot.core.list(`${discord.guild}:${discord.channel}`, `discord:${discord.guild}:${thread}`, "Lunch");
    const denied = { id: discord.world.user("Ann").id, type: 1, deny: sendInThreads } as const;
    discord.overwrite(discord.channel, denied);
    const customId = "threadkeeper:pick:reset:yes";
    discord.press({ channel: discord.channel, user: "Ann", customId, values: [thread] });
    expect(await rightsOfLast()).toEqual(["read"]);
    expect(bot.core.commanded[0]?.replyTo.target).toMatchObject({ channel: thread });
  });
});
