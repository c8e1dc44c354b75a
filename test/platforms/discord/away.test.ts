import { afterAll, assert, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { startDiscordStandIn, type DiscordStandIn } from "../../support/discord/discord-stand-in.ts";
import { Core, never, openBot, type OpenBot } from "../../support/discord/open-bot.ts";
import { answered, commandIn, contentsOf } from "../../support/discord/waits.ts";

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
  core = new Core();
  bot = await openBot(discord, core);
  return () => bot[Symbol.asyncDispose]();
});

const note = "\n-# I'm not a member here, and remember nothing of this.";
const refusal = expect.stringMatching(/^I'm not a member here, so I have no memory of this place\./u);

describe.each([
  ["a server without the bot", () => discord.addForeignChannel()],
  ["a group DM", () => discord.addGroup()],
])("in %s, for people who installed it for themselves,", (_, openChannel) => {
  test("a command that needs no memory runs outside of all conversations, for the person alone", async () => {
    const channel = openChannel();
    const interaction = discord.slash({ channel, user: "Ann", name: "help", options: ["all"] });
    await answered(interaction);
    expect(interaction.callbacks).toMatchObject([{ type: 5, data: { flags: 68 } }]);
    const command = await commandIn(core);
    expect(command).toMatchObject({ name: "help", argument: "all", isOutside: true, by: { name: "Ann" } });

    const before = discord.journal.length;
    await bot.platform.sendPrivately(command.replyTo, ["One", "Two"], never);
    expect(contentsOf(interaction.original)).toEqual([`One\nTwo${note}`]);
    expect(discord.journal.slice(before).every(({ path }) => path.startsWith("/webhooks/"))).toBe(true);
  });

  test("the buttons of its answer work", async () => {
    const channel = openChannel();
    discord.slash({ channel, user: "Ann", name: "help" });
    const { replyTo } = await commandIn(core);
    const choices = [
      { label: "All", name: "help", argument: "all" },
      { label: "Cancel", name: "cancel", argument: "" },
    ];
    const offer = { id: "offer", atMs: bot.clock.nowMs(), choices, orElse: "" };
    await bot.platform.sendPrivately(replyTo, ["Which?"], never, offer);
    const [shown] = [...discord.world.interactions.values()].slice(-1);
    const [all, cancel] = [
      ...JSON.stringify(shown?.original.at(-1)?.components).matchAll(/"custom_id":"([^"]+)"/gu),
    ].map(([, id]) => id);
    assert(all && cancel);
    const press = discord.pressButton({ channel, user: "Ann", customId: all });
    await answered(press);
    expect(press.callbacks).toMatchObject([{ type: 7 }]);
    expect(core.commanded.at(-1)).toMatchObject({ name: "help", argument: "all", isOutside: true });
    await answered(discord.pressButton({ channel, user: "Ann", customId: cancel }));
    expect(core.commanded).toHaveLength(2);
  });

  test.each([
    ["a command that needs memory", (channel: string) => ({ channel, name: "recall", text: { words: "x" } })],
    ["one for a conversation", (channel: string) => ({ channel, name: "reset" })],
    ["an unknown one", (channel: string) => ({ channel, name: "ancient" })],
  ])("%s is refused with a line, and stored nowhere", async (_name, given) => {
    const interaction = discord.slash({ user: "Ann", ...given(openChannel()) });
    await answered(interaction);
    expect(contentsOf(interaction.original)).toEqual([refusal]);
    expect(interaction.callbacks).toMatchObject([{ type: 4, data: { flags: 68 } }]);
    expect(core.tries).toBe(0);
  });

  test.each([
    ["a press under a post", "tk:2s:regenerate::"],
    ["a button that needs memory", "threadkeeper:do:a:1:2:reset:yes"],
  ])("%s is refused as well", async (_name, customId) => {
    const press = discord.pressButton({ channel: openChannel(), user: "Ann", customId });
    await answered(press);
    expect(contentsOf(press.original)).toContainEqual(refusal);
    expect(core.tries).toBe(0);
  });

  test("nothing is suggested", async () => {
    const typing = { channel: openChannel(), user: "Ann", name: "summary", typed: "" };
    for (const option of ["conversation", "since"]) {
      const interaction = discord.type({ ...typing, option });
      await answered(interaction);
      expect(interaction.callbacks).toMatchObject([{ type: 8, data: { choices: [] } }]);
    }
  });

  test("what goes beyond five follow-ups comes in a DM", async () => {
    const interaction = discord.slash({ channel: openChannel(), user: "Fay", name: "help" });
    const { replyTo } = await commandIn(core);
    const before = discord.journal.length;
    // Two of them have room in a card, but for those with a note.
    const texts = Array.from({ length: 14 }, (_each, index) => `${index + 1} `.padEnd(1_900, "x"));
    await bot.platform.sendPrivately(replyTo, texts, never);
    const shown = contentsOf([...interaction.original, ...interaction.followUps]);
    expect(shown.map((each) => each.match(/\d+/gu))).toEqual([
      ["1", "2"],
      ["3", "4"],
      ["5", "6"],
      ["7", "8"],
      ["9", "10"],
      ["11", "12"],
    ]);
    expect(discord.journal.slice(before).map(({ status }) => status)).not.toContain(400);
    const direct = discord.posts(discord.directWith("Fay")).slice(-2);
    expect(contentsOf(direct)).toEqual([texts[12], `${texts[13]}${note}`]);
  });
});

test("a server with the bot is none of these, even for a person who also installed it", async () => {
  const thread = discord.openThread(discord.channel);
  discord.slash({ channel: thread, user: "Ann", name: "recall", text: { words: "x" } });
  const command = await commandIn(core);
  expect(command).not.toHaveProperty("isOutside");
  await bot.platform.sendPrivately(command.replyTo, ["Nothing."], never);
  expect(JSON.stringify([...discord.world.interactions.values()].at(-1)?.original)).not.toContain("member");
});
