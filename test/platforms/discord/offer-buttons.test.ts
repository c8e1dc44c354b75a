import { afterAll, assert, beforeAll, beforeEach, expect, test } from "vitest";

import type { Offer } from "../../../src/domain/offer.ts";
import { startDiscordStandIn, type DiscordStandIn } from "../../support/discord/discord-stand-in.ts";
import { Core, never, openBot, type OpenBot } from "../../support/discord/open-bot.ts";
import { contentsOf } from "../../support/discord/waits.ts";
import type { Interaction } from "../../support/discord/world.ts";
import { eventually } from "../../support/eventually.ts";

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

const offer: Offer = {
  id: "2345abcd",
  atMs: Date.now(),
  choices: [
    { label: "Delete for good", name: "forget", argument: "this yes", isDangerous: true },
    { label: "Cancel", name: "cancel", argument: "" },
  ],
  orElse: "Or reply `yes`.",
};

/** The orders, when there are so many. */
async function commanded(count: number) {
  await eventually(() => expect(core.commanded).toHaveLength(count));
  const command = core.commanded.at(-1);
  assert(command);
  return command;
}

/** The custom ids of the buttons under the answer to an interaction. */
function buttonsOf({ original, followUps }: Interaction): readonly string[] {
  const last = followUps.at(-1) ?? original.at(-1);
  return Array.from(JSON.stringify(last).matchAll(/"custom_id":"([^"]+)"/gu), ([, id = ""]) => id);
}

test("buttons stand under the last line of the answer, and the first press runs the command", async () => {
  const thread = discord.openThread(discord.channel);
  const interaction = discord.slash({ channel: thread, user: "Ann", name: "summary" });
  const { replyTo } = await commanded(1);
  await bot.platform.sendPrivately(replyTo, ["One", "Sure?"], never, offer);
  const buttons = [
    { type: 2, style: 4, label: "Delete for good" },
    { type: 2, style: 2, label: "Cancel" },
  ];
  const parts = [
    { type: 10, content: "One" },
    { type: 10, content: "Sure?" },
    { type: 1, components: buttons },
  ];
  expect(interaction.original.at(-1)).toMatchObject({
    content: "",
    components: [{ type: 17, components: parts }],
    allowedMentions: { parse: [] },
  });
  const [sure = "", no = ""] = buttonsOf(interaction);

  const press = discord.pressButton({ channel: thread, user: "Ann", customId: sure });
  const order = await commanded(2);
  expect(order).toMatchObject({
    conversation: `discord:${discord.guild}:${thread}`,
    name: "forget",
    argument: "this yes",
    by: { id: discord.world.user("Ann").id },
  });
  // The answer takes the place of the question, and of its buttons.
  await bot.platform.sendPrivately(order.replyTo, ["Done."], never);
  expect(contentsOf(press.original)).toEqual(["One\nSure?", "One moment…", "Done."]);
  expect(buttonsOf(press)).toEqual([]);

  discord.pressButton({ channel: thread, user: "Ann", customId: no });
  discord.slash({ channel: thread, user: "Ann", name: "summary" });
  await eventually(() => expect(core.commanded.at(-1)?.name).toBe("summary"));
  expect(core.commanded.map(({ name }) => name)).toEqual(["summary", "forget", "summary"]);
});

test("a second press changes nothing, and is acknowledged, since Discord would show a failure", async () => {
  const thread = discord.openThread(discord.channel);
  const interaction = discord.slash({ channel: thread, user: "Ann", name: "summary" });
  const { replyTo } = await commanded(1);
  await bot.platform.sendPrivately(replyTo, ["Sure?"], never, { ...offer, id: "pressed2" });
  const [sure = ""] = buttonsOf(interaction);
  const presses = [1, 2].map(() => discord.pressButton({ channel: thread, user: "Ann", customId: sure }));
  await eventually(() => expect(presses.every(({ callbacks }) => callbacks.length === 1)).toBe(true));
  // The second leaves the line as it is.
  expect(new Set(presses.map(({ callbacks }) => callbacks[0]?.type))).toEqual(new Set([6, 7]));
  expect(core.commanded.map(({ name }) => name)).toEqual(["summary", "forget"]);
});

test("buttons under an answer about a picked conversation apply to that one", async () => {
  const place = `${discord.guild}:${discord.channel}`;
  core.list(place, `discord:${discord.guild}:71`, "Lunch");
  const customId = "threadkeeper:pick:reset:";
  const choice = discord.press({ channel: discord.channel, user: "Ann", customId, values: ["71"] });
  const { replyTo } = await commanded(1);
  await bot.platform.sendPrivately(replyTo, ["Sure?"], never, { ...offer, id: "picked22" });
  const [sure = ""] = buttonsOf(choice);
  discord.pressButton({ channel: discord.channel, user: "Ann", customId: sure });
  expect(await commanded(2)).toMatchObject({
    conversation: `discord:${discord.guild}:71`,
    name: "forget",
    argument: "this yes",
  });
});

test("buttons and choices find their conversation among many newer ones, and none of another channel", async () => {
  const place = `${discord.guild}:${discord.channel}`;
  for (let id = 1_000; id < 1_150; id += 1) core.list(place, `discord:${discord.guild}:${id}`, `No. ${id}`);
  core.list(place, `discord:${discord.guild}:72`, "Lunch");
  core.list("elsewhere", `discord:${discord.guild}:73`, "Secret");
  const at = Date.now().toString(36);
  const press = (topic: string) =>
    discord.pressButton({
      channel: discord.channel,
      user: "Ann",
      customId: `threadkeeper:do:id${topic}:${at}:${topic}:forget:this yes`,
    });
  press("72");
  expect(await commanded(1)).toMatchObject({ conversation: `discord:${discord.guild}:72` });
  const choice = { channel: discord.channel, user: "Ann", customId: "threadkeeper:pick:reset:" };
  discord.press({ ...choice, values: ["72"] });
  expect(await commanded(2)).toMatchObject({ conversation: `discord:${discord.guild}:72`, name: "reset" });
  for (const topic of ["73", "74"]) {
    const { callbacks } = press(topic);
    await eventually(() => expect(JSON.stringify(callbacks)).toContain("was deleted"));
  }
  expect(core.commanded).toHaveLength(2);
});

test("in a plain channel, a button asks which conversation its command is for", async () => {
  core.list(`${discord.guild}:${discord.channel}`, `discord:${discord.guild}:75`, "Supper");
  const at = Date.now().toString(36);
  const press = (name: string) =>
    discord.pressButton({
      channel: discord.channel,
      user: "Ann",
      customId: `threadkeeper:do:${name}:${at}:${discord.channel}:${name}:`,
    });
  const { callbacks } = press("summary");
  await eventually(() => expect(JSON.stringify(callbacks)).toContain("threadkeeper:pick:summary:"));
  expect(JSON.stringify(callbacks)).toContain("Supper");
  press("recall");
  expect(await commanded(1)).toMatchObject({ name: "recall", isOutside: true });
});

test("a button says when its conversation can't be looked up, and not that it was deleted", async () => {
  core.list(`${discord.guild}:${discord.channel}`, `discord:${discord.guild}:72`, "Lunch");
  core.outages = 1;
  const customId = `threadkeeper:do:away:${Date.now().toString(36)}:72:forget:this yes`;
  const { callbacks } = discord.pressButton({ channel: discord.channel, user: "Ann", customId });
  await eventually(() => expect(JSON.stringify(callbacks)).toContain("can't reach my memory"));
});

test("in a DM, text replaces a button that could not tell which conversation it is about", async () => {
  const thread = discord.say({ channel: discord.channel, user: "Ann", text: "hello", mention: true });
  await eventually(() => expect(core.said).toHaveLength(1));
  const [said] = core.said;
  assert(said);
  await bot.platform.sendPrivately(said.replyTo, ["Sure?"], never, offer);
  expect(thread).not.toBe("");
  const posts = discord.posts(discord.directWith("Ann"));
  expect(posts.map(({ content }) => content)).toEqual(["Sure? Or reply `yes`."]);
});

test("where Discord rejects buttons, text replaces them, in the answer and in follow-ups", async () => {
  const thread = discord.openThread(discord.channel);
  const interaction = discord.slash({ channel: thread, user: "Ann", name: "summary" });
  const { replyTo } = await commanded(1);
  const refusal = { status: 400, code: 50_035 };
  // In Components V2, and then in plain content.
  discord.fail({ path: /messages\/@original$/u, method: "PATCH", times: 2, ...refusal });
  await bot.platform.sendPrivately(replyTo, ["Sure?"], never, offer);
  expect(interaction.original.at(-1)).toMatchObject({ content: "Sure? Or reply `yes`.", components: [] });
  discord.fail({ path: /webhooks\/\d+\/[^/]+$/u, method: "POST", ...refusal });
  await bot.platform.sendPrivately(replyTo, ["And now?"], never, offer);
  expect(interaction.followUps.at(-1)).toMatchObject({ content: "And now? Or reply `yes`." });
});
