import { afterEach, assert, beforeEach, describe, expect, test } from "vitest";

import { startDiscordStandIn, type DiscordStandIn } from "../../support/discord/discord-stand-in.ts";
import { Core, never, openBot, post, type OpenBot } from "../../support/discord/open-bot.ts";
import { contentsOf } from "../../support/discord/waits.ts";
import type { Interaction } from "../../support/discord/world.ts";
import { eventually } from "../../support/eventually.ts";

/** Two processes with a gateway session each, over one store. */
let discord: DiscordStandIn;
let core: Core;
let one: OpenBot;
let two: OpenBot;

beforeEach(async () => {
  discord = await startDiscordStandIn();
  core = new Core();
  one = await openBot(discord, core);
  two = await openBot(discord, core);
});

afterEach(async () => {
  await Promise.all([one[Symbol.asyncDispose](), two[Symbol.asyncDispose]()]);
  await discord[Symbol.asyncDispose]();
});

const callbacks = () => discord.calls("POST", /callback$/u);
const alerts = () =>
  [...one.log, ...two.log].flatMap(({ level, message }) =>
    level === "warn" || level === "error" ? [message] : [],
  );

async function bothHaveTried(times: number) {
  await eventually(() => expect(core.tries).toBe(times));
}

/** What a second replica would say, it would have said by now. */
async function bothAreIdle() {
  await Promise.all([one[Symbol.asyncDispose](), two[Symbol.asyncDispose]()]);
}

describe("two sessions of one bot", () => {
  test("receive every message, edit and deletion, and make one inbound of each, in order", async () => {
    const texts = Array.from({ length: 20 }, (_, index) => `Line ${index}`);
    const direct = discord.directWith("Ann");
    const ids = texts.map((text) => discord.say({ channel: direct, user: "Ann", text }));
    discord.edit(ids[0] ?? "", "Changed");
    discord.delete(ids[1] ?? "");
    await bothHaveTried(44);

    expect(core.said.map(({ message }) => message.text)).toEqual(texts);
    expect(core.accepted.slice(20).map(({ kind }) => kind)).toEqual(["edited", "deleted"]);
    expect(alerts()).toEqual([]);
  });

  test("leave no gap when one of them dies", async () => {
    await one[Symbol.asyncDispose]();
    const id = discord.say({ channel: discord.channel, user: "Ann", text: "Anybody?", mention: true });
    await eventually(() => expect(core.said.map(({ message }) => message.id)).toEqual([id]));

    expect(two.gaps).toEqual([]);
  });

  test("keep the order when storing fails for a while", async () => {
    const direct = discord.directWith("Ann");
    core.outages = 3;
    const ids = ["One", "Two", "Three"].map((text) => discord.say({ channel: direct, user: "Ann", text }));
    await eventually(() => expect(core.said).toHaveLength(3));

    expect(core.said.map(({ message }) => message.id)).toEqual(ids);
  });

  test("may both register the commands, without any change", async () => {
    expect(discord.calls("PUT", /commands$/u)).toHaveLength(1);
    // With /ask and the two entries in the menu of a message.
    expect(discord.world.commands).toHaveLength(7);
  });
});

describe("a command received by two replicas", () => {
  test("is answered by the replica that stored it, and the other sends nothing", async () => {
    const thread = discord.openThread(discord.channel);
    const interaction = discord.slash({ channel: thread, user: "Ann", name: "reset" });
    await bothHaveTried(2);
    await bothAreIdle();

    expect(core.commanded).toHaveLength(1);
    expect(interaction.callbacks).toMatchObject([{ type: 5 }]);
    expect(callbacks()).toHaveLength(1);
    expect(alerts()).toEqual([]);
  });

  test("gets one picker in a channel, and one answer to the choice", async () => {
    core.list(`${discord.guild}:${discord.channel}`, `discord:${discord.guild}:71`, "Lunch");
    const interaction = discord.slash({ channel: discord.channel, user: "Ann", name: "reset" });
    await eventually(() => expect(callbacks()).toHaveLength(2));
    const press = { channel: discord.channel, user: "Ann", customId: "threadkeeper:pick:reset:" };
    const choice = discord.press({ ...press, values: ["71"] });
    await bothHaveTried(2);
    await bothAreIdle();

    expect(interaction.callbacks).toHaveLength(1);
    expect(choice.callbacks).toMatchObject([{ type: 7 }]);
    expect(callbacks()).toHaveLength(3);
    expect(core.commanded).toHaveLength(1);
    expect(alerts()).toEqual([]);
  });

  async function dieBeforeAnswering(user: string): Promise<Interaction> {
    discord.fail({ path: /callback$/u, isSilent: true });
    const thread = discord.openThread(discord.channel);
    const interaction = discord.slash({ channel: thread, user, name: "summary" });
    await bothHaveTried(2);
    await eventually(() => expect(callbacks()).toHaveLength(1));
    return interaction;
  }

  test("reaches the asker in a DM when the replica that stored it dies before it answers", async () => {
    const interaction = await dieBeforeAnswering("Ann");
    const to = core.commanded[0]?.replyTo;
    assert(to);
    const survivor = two;
    // Discord's 3 s are over, and the time for which another replica might still be opening the answer.
    survivor.clock.aheadMs = 6_000;
    await survivor.platform.sendPrivately(to, ["The summary"], never);

    expect(interaction.callbacks).toEqual([]);
    expect(contentsOf(interaction.original)).toEqual([]);
    expect(discord.posts(discord.directWith("Ann")).map(({ content }) => content)).toEqual(["The summary"]);
  });

  test("is answered publicly in the thread even if no replica responded", async () => {
    const { channel } = await dieBeforeAnswering("Ben");
    const to = core.commanded[0]?.replyTo;
    assert(to);
    await two.platform.createPost(to, post("The summary", { turn: "shared" }), never);

    expect(discord.posts(channel)).toMatchObject([{ content: "The summary" }]);
  });

  test("is answered by the other replica once the first response is sent", async () => {
    discord.fail({ path: /callback$/u, delayMs: 300 });
    const thread = discord.openThread(discord.channel);
    const interaction = discord.slash({ channel: thread, user: "Ann", name: "summary" });
    await bothHaveTried(2);
    const to = core.commanded[0]?.replyTo;
    assert(to);
    await Promise.all([one, two].map((bot) => bot.platform.sendPrivately(to, ["The summary"], never)));

    expect(contentsOf(interaction.original).at(-1)).toBe("The summary");
    expect(discord.posts(discord.directWith("Ann"))).toEqual([]);
  });
});
