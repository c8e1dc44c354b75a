import { afterAll, assert, beforeAll, beforeEach, expect, test } from "vitest";

import type { Offer } from "../../../src/domain/offer.ts";
import { buttonsInCard } from "../../support/discord/cards.ts";
import { startDiscordStandIn, type DiscordStandIn } from "../../support/discord/discord-stand-in.ts";
import { Core, never, openBot, type OpenBot } from "../../support/discord/open-bot.ts";
import { contentsOf } from "../../support/discord/waits.ts";
import type { Interaction, Written } from "../../support/discord/world.ts";
import { eventually } from "../../support/eventually.ts";

const cardFlag = 1 << 15;

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

function offerOf(id: string): Offer {
  const choices = [
    { label: "Summarise", name: "summary", argument: "", line: "- summary: short" },
    { label: "Cancel", name: "cancel", argument: "" },
  ];
  return { id, atMs: bot.clock.nowMs(), choices, orElse: "Or write it." };
}

async function slashed() {
  const channel = discord.openThread(discord.channel);
  const interaction = discord.slash({ channel, user: "Ann", name: "summary" });
  return { channel, interaction, replyTo: await addressOf(interaction) };
}

/** Where the command of an interaction is answered. */
async function addressOf({ id }: Interaction) {
  const find = () => core.commanded.find(({ replyTo }) => replyTo.target["interaction"] === id);
  await eventually(() => expect(find()).toBeDefined());
  const command = find();
  assert(command);
  return command.replyTo;
}

/** Ann presses the only button with that label. */
async function press(channel: string, shown: Written | undefined, label: string) {
  const button = shown && buttonsInCard(shown).find((each) => each.label === label);
  assert(button);
  const pressed = discord.pressButton({ channel, user: "Ann", customId: button.custom_id });
  return { pressed, replyTo: await addressOf(pressed) };
}

test("a button stands beside its line, the others below", async () => {
  const { interaction, replyTo } = await slashed();
  const text = "I can:\n- forget: gone\n- summary: short\n- reset: new";
  await bot.platform.sendPrivately(replyTo, [text], never, offerOf("beside"));
  const [summarise, cancel] = [{ label: "Summarise" }, { label: "Cancel" }];
  expect(interaction.original).toMatchObject([
    {
      content: "",
      flags: cardFlag,
      allowedMentions: { parse: [], replied_user: false },
      components: [
        {
          type: 17,
          components: [
            { type: 10, content: "I can:\n- forget: gone" },
            { type: 9, components: [{ content: "- summary: short" }], accessory: summarise },
            { type: 10, content: "- reset: new" },
            { type: 1, components: [cancel] },
          ],
        },
      ],
    },
  ]);
});

test("a press replaces a card by cards", async () => {
  const { channel, interaction, replyTo } = await slashed();
  await bot.platform.sendPrivately(replyTo, ["Sure?"], never, offerOf("first"));
  const first = await press(channel, interaction.original.at(-1), "Cancel");
  await bot.platform.sendPrivately(first.replyTo, ["And now?"], never, offerOf("second"));
  const second = await press(channel, first.pressed.original.at(-1), "Cancel");
  await bot.platform.sendPrivately(second.replyTo, ["Done."], never);
  expect(contentsOf(second.pressed.original)).toEqual(["And now?", "One moment…", "Done."]);
  expect(second.pressed.original.map(({ flags }) => flags)).toEqual([cardFlag, cardFlag, cardFlag]);
  expect(second.pressed.followUps).toEqual([]);
});

test("where Discord refuses a card, plain content has all of it, for an hour at once", async () => {
  const { interaction, replyTo } = await slashed();
  discord.fail({ path: /@original$/u, method: "PATCH", status: 400, code: 50_035 });
  await bot.platform.sendPrivately(replyTo, ["One", "Sure?"], never, offerOf("plain"));
  expect(interaction.original).toMatchObject([{ content: "One" }]);
  expect(interaction.followUps).toMatchObject([
    { content: "Sure?", components: [{ components: [{ label: "Summarise" }, { label: "Cancel" }] }] },
  ]);
  const refused = () => discord.journal.filter(({ status }) => status === 400).length;
  expect(refused()).toBe(1);
  expect(bot.log.filter(({ level }) => level === "warn")).toHaveLength(1);

  const again = await slashed();
  await bot.platform.sendPrivately(again.replyTo, ["Sure?"], never, offerOf("still"));
  expect(again.interaction.original).toMatchObject([{ content: "Sure?" }]);
  expect(refused()).toBe(1);
  bot.clock.aheadMs = 61 * 60_000;
  const later = await slashed();
  await bot.platform.sendPrivately(later.replyTo, ["Sure?"], never, offerOf("later"));
  expect(later.interaction.original).toMatchObject([{ content: "", flags: cardFlag }]);
  // What was pressed is plain, and a card takes its place.
  const [, customId = ""] = /"custom_id":"([^"]+)"/u.exec(JSON.stringify(again.interaction.original)) ?? [];
  const pressed = discord.pressButton({ channel: again.channel, user: "Ann", customId });
  const there = await addressOf(pressed);
  await bot.platform.sendPrivately(there, ["And now?"], never, offerOf("replaced"));
  expect(pressed.original.at(-1)).toMatchObject({ content: "", flags: cardFlag });
});

test("what was shown in plain content does not come again in a DM where the interaction ends in between", async () => {
  const { interaction, replyTo } = await slashed();
  discord.fail({ path: /@original$/u, method: "PATCH", status: 400, code: 50_035 });
  discord.fail({ path: /\/webhooks\/[^/]+\/[^/]+$/u, method: "POST", status: 401, code: 50_027 });
  await bot.platform.sendPrivately(replyTo, ["One", "Two"], never);
  expect(contentsOf(interaction.original)).toContain("One");
  expect(interaction.followUps).toEqual([]);
  expect(contentsOf(discord.posts(discord.directWith("Ann")))).toEqual(["Two"]);
});

test("a text that Discord refuses in any form leaves the cards to other answers", async () => {
  const { replyTo } = await slashed();
  const refused = { path: /@original$/u, method: "PATCH", status: 400, code: 50_035 } as const;
  for (const _ of ["as a card", "with buttons", "without"]) discord.fail(refused);
  await expect(bot.platform.sendPrivately(replyTo, ["Sure?"], never, offerOf("bad"))).rejects.toMatchObject({
    kind: "rejected",
  });
  const next = await slashed();
  await bot.platform.sendPrivately(next.replyTo, ["Sure?"], never, offerOf("good"));
  expect(next.interaction.original).toMatchObject([{ content: "", flags: cardFlag }]);
});

test("a pressed card goes where Discord takes no further one, and the answer follows in plain content", async () => {
  const { channel, interaction, replyTo } = await slashed();
  await bot.platform.sendPrivately(replyTo, ["Sure?"], never, offerOf("gone"));
  const { pressed, replyTo: there } = await press(channel, interaction.original.at(-1), "Cancel");
  discord.fail({ path: /@original$/u, method: "PATCH", status: 400, code: 50_035 });
  await bot.platform.sendPrivately(there, ["Done."], never);
  await bot.platform.sendPrivately(there, ["Done."], never);
  expect(pressed.original).toEqual([]);
  expect(pressed.followUps[0]).toMatchObject({ content: "Done.", flags: 68 });
});
