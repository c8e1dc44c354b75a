import { afterAll, assert, beforeAll, beforeEach, describe, expect, test } from "vitest";

import type { Action } from "../../../src/domain/action.ts";
import type { Pressed, Said } from "../../../src/domain/inbound.ts";
import { startDiscordStandIn, type DiscordStandIn } from "../../support/discord/discord-stand-in.ts";
import { Core, never, openBot, post, type OpenBot } from "../../support/discord/open-bot.ts";
import { latest, type Interaction } from "../../support/discord/world.ts";
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

const on = "turn_of-16-chars";
const actions: readonly Action[] = [
  { id: "continue", label: "Continue", style: "button", emphasis: "primary", on },
  { id: "regenerate", label: "Regenerate", style: "button", on },
  { id: "thumbs-up", label: "👍", style: "thumb", on },
  { id: "thumbs-down", label: "👎", style: "thumb", on },
];
const thanks = { type: 4, data: { content: "Thanks for the feedback.", flags: 68 } };
const outage = { type: 4, data: { content: expect.stringContaining("can't reach my memory"), flags: 68 } };

/** Somebody asks there, and the bot answers. Resolves to the id of the answer. */
async function answerIn(channel: string, replyTo?: string): Promise<string> {
  const reference = replyTo === undefined ? {} : { replyTo };
  const id = discord.say({ channel, user: "Ann", text: "When?", mention: true, ...reference });
  await eventually(() => expect(core.said.at(-1)?.message.id).toBe(id));
  const shown = post("At noon.", { turn: `turn-${discord.world.ids.next()}`, actions });
  return (await bot.platform.createPost(lastSaid().replyTo, shown, never)).split("/")[1] ?? "";
}

function lastSaid(): Said {
  const said = core.said.at(-1);
  assert(said);
  return said;
}

const press = (message: string, label: string, user = "Ben") =>
  responseTo(discord.pressUnder({ message, user, label }));

/** The interaction, once it has its first response. */
async function responseTo(interaction: Interaction) {
  await eventually(() => expect(interaction.callbacks).toHaveLength(1));
  return { interaction, response: interaction.callbacks[0] };
}

const presses = (): readonly Pressed[] => core.accepted.filter((each) => each.kind === "pressed");

/** Another process takes the place of the bot. */
async function restart(): Promise<void> {
  await bot[Symbol.asyncDispose]();
  core = new Core();
  bot = await openBot(discord, core);
}

describe("thumbs under an answer", () => {
  test("are emoji beside the other buttons, as Discord's own are", async () => {
    const message = discord.world.messages.get(await answerIn(discord.channel));
    assert(message);
    const row = [
      { type: 2, style: 1, label: "Continue" },
      { type: 2, style: 2, label: "Regenerate" },
      { type: 2, style: 2, emoji: { name: "👍" } },
      { type: 2, style: 2, emoji: { name: "👎" } },
    ];
    expect(latest(message).components).toMatchObject([{ type: 1, components: row }]);
    expect(JSON.stringify(latest(message).components)).not.toContain('"label":"👍"');
  });

  test("up gets thanks that only the person sees, for each press", async () => {
    const message = await answerIn(discord.openThread(discord.channel));
    const clicks = await Promise.all([press(message, "👍"), press(message, "👍")]);
    expect(clicks.map(({ response }) => response)).toMatchObject([thanks, thanks]);
    expect(presses()).toMatchObject([
      { action: "thumbs-up", on },
      { action: "thumbs-up", on },
    ]);
    expect(discord.world.messages.get(message)?.versions).toHaveLength(1);
  });

  test("down is stored, then opens a form for the reason, for each press", async () => {
    const message = await answerIn(discord.openThread(discord.channel));
    const { promise, resolve } = Promise.withResolvers<void>();
    core.gate = promise;
    const clicks = [1, 2].map(() => discord.pressUnder({ message, user: "Ben", label: "👎" }));
    await eventually(() => expect(core.tries).toBe(3));
    expect(clicks.map(({ callbacks }) => callbacks)).toEqual([[], []]);
    resolve();
    for (const click of clicks)
      expect((await responseTo(click)).response).toMatchObject({
        type: 9,
        data: {
          title: "What was wrong?",
          components: [
            {
              label: "Reason (optional)",
              component: { type: 4, style: 2, max_length: 1_000, required: false },
            },
          ],
        },
      });
    expect(presses()).toMatchObject([
      { action: "thumbs-down", on },
      { action: "thumbs-down", on },
    ]);
    expect(presses().map(({ value }) => value)).toEqual([undefined, undefined]);
  });

  test("let Regenerate and Continue be acknowledged without a word", async () => {
    const message = await answerIn(discord.openThread(discord.channel));
    expect((await press(message, "Regenerate")).response).toMatchObject({ type: 6 });
    expect((await press(message, "Continue")).response).toMatchObject({ type: 6 });
  });
});

describe("the reason for a thumbs-down", () => {
  test("is thanked for after a restart, and arrives once with the turn and the person", async () => {
    const thread = discord.openThread(discord.channel);
    const { interaction } = await press(await answerIn(thread), "👎");
    await restart();
    const form = await responseTo(discord.submitForm(interaction, " It's at one.\n"));
    expect(form.response).toMatchObject(thanks);
    expect(core.accepted).toMatchObject([
      {
        kind: "pressed",
        conversation: `discord:${discord.guild}:${thread}`,
        place: `${discord.guild}:${discord.channel}`,
        action: "thumbs-down",
        on,
        value: "It's at one.",
        by: { id: discord.world.user("Ben").id },
        rights: ["read", "write"],
      },
    ]);
  });

  test("of a thousand characters arrives whole, and an empty one is thanked for and not stored", async () => {
    const message = await answerIn(discord.channel);
    const { interaction } = await press(message, "👎");
    const long = "é".repeat(1_000);
    expect((await responseTo(discord.submitForm(interaction, long))).response).toMatchObject(thanks);
    expect((await responseTo(discord.submitForm(interaction, " \n"))).response).toMatchObject(thanks);
    expect(presses().map(({ value }) => value)).toEqual([undefined, long]);
  });

  test("that can't be stored, or not in time, gets a line that says so, and so does the press", async () => {
    const message = await answerIn(discord.channel);
    const { interaction } = await press(message, "👎");
    core.outages = 1;
    expect((await responseTo(discord.submitForm(interaction, "Wrong"))).response).toMatchObject(outage);
    core.gate = new Promise(() => undefined);
    const late = await Promise.all([
      press(message, "👎"),
      press(message, "👍"),
      responseTo(discord.submitForm(interaction, "Wrong")),
    ]);
    expect(late.map(({ response }) => response)).toMatchObject([outage, outage, outage]);
    expect(presses()).toHaveLength(1);
  });
});

test("presses and reasons that come after their conversation was deleted get a line that says so", async () => {
  const message = await answerIn(discord.channel);
  const { interaction } = await press(message, "👎");
  core.isForgetful = true;
  const late = await Promise.all([
    ...["Regenerate", "👍", "👎"].map((label) => press(message, label)),
    responseTo(discord.submitForm(interaction, "Wrong")),
  ]);
  const gone = { type: 4, data: { content: "That conversation was deleted.", flags: 68 } };
  expect(late.map(({ response }) => response)).toMatchObject([gone, gone, gone, gone]);
  expect(presses()).toHaveLength(1);
});

describe("presses and reasons belong to the conversation of the answer", () => {
  const places: readonly (readonly [string, () => Promise<string> | string])[] = [
    ["a channel where questions open threads", () => discord.channel],
    ["a thread", () => discord.openThread(discord.channel)],
    ["a private thread", () => discord.openThread(discord.channel, { isPrivate: true })],
    [
      "a post of a forum",
      () => discord.openPost(discord.addChannel({ type: 15 }).id, { user: "Ann", text: "Hm" }),
    ],
    ["a DM", () => discord.directWith("Ben")],
    [
      "a channel without threads",
      () => {
        const { id } = discord.addChannel();
        discord.deny(id, "threads");
        return id;
      },
    ],
  ];

  test.each(places)("in %s, also after a restart, when the bot no longer sees it", async (_name, open) => {
    const channel = await open();
    const message = await answerIn(channel);
    const { conversation, place } = lastSaid();
    const where = discord.world.messages.get(message)?.channel ?? "";
    discord.deny(where, "view");
    discord.archive(where);
    await restart();
    const { interaction, response } = await press(message, "👎");
    expect(response).toMatchObject({ type: 9 });
    expect((await responseTo(discord.submitForm(interaction, "No"))).response).toMatchObject(thanks);
    const both = [{ conversation, place, action: "thumbs-down", on }];
    expect(presses()).toMatchObject([...both, ...both]);
  });

  test("in a chain of replies, whose posts all belong to its first question", async () => {
    const { id: channel } = discord.addChannel();
    discord.deny(channel, "threads");
    const first = await answerIn(channel);
    const { conversation, place } = lastSaid();
    core.locate(place, first, conversation);
    const second = await answerIn(channel, first);
    for (const message of [first, second]) {
      const { interaction } = await press(message, "👎");
      await responseTo(discord.submitForm(interaction, "No"));
    }
    expect(presses().map((each) => each.conversation)).toEqual(Array(4).fill(conversation));
  });
});
