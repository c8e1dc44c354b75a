import { afterAll, assert, beforeAll, describe, expect, test } from "vitest";

import { InProcessRateLimits } from "../../../src/runtime/rate/in-process-rate-limits.ts";
import { startDiscordStandIn, type DiscordStandIn } from "../../support/discord/discord-stand-in.ts";
import { Core, never, openBot, post, type OpenBot } from "../../support/discord/open-bot.ts";
import { eventually } from "../../support/eventually.ts";

const messageContent = 1 << 15;

let discord: DiscordStandIn;
let bot: OpenBot;
let core: Core;

beforeAll(async () => {
  discord = await startDiscordStandIn();
  discord.gateway.isContentAllowed = false;
  core = new Core();
  // In this mode, everything that is heard would be answered.
  core.replyMode = "always";
  bot = await openBot(discord, core);
});

afterAll(async () => {
  await bot[Symbol.asyncDispose]();
  await discord[Symbol.asyncDispose]();
});

const heard = (id: string) => core.said.find(({ message }) => message.id === id);

/** Hears what is said in the channel, in order, up to a call. */
async function hear(channel: string): Promise<void> {
  const id = discord.say({ channel, user: "Zoe", text: "Well?", mention: true });
  await eventually(() => expect(heard(id)).toBeDefined());
}

describe("without the Message Content intent", () => {
  test("the bot connects all the same, and the log says what is missing and what to do", () => {
    expect(bot.platform.health()).toEqual({ ok: true, why: "" });
    const warnings = bot.log.filter(({ level }) => level === "warn").map(({ message }) => message);
    expect(warnings).toContainEqual(
      expect.stringMatching(/Message Content intent is off.*enable it at https:/u),
    );
    const asked = discord.gateway.received.filter(({ op }) => op === 2).map(({ d }) => intentsIn(d));
    expect(asked.map((intents) => (intents & messageContent) !== 0)).toEqual([true, false]);
    expect(bot.platform.readsMentionsOnly).toBe(true);
  });

  test("mentions, replies to its posts and DMs are heard in full", async () => {
    const thread = discord.openThread(discord.channel);
    const file = { id: "9", filename: "a.txt", size: 3, url: "https://cdn/a.txt" };
    const call = { channel: thread, user: "Ann", mention: true, attachments: [file] };
    const mention = discord.say({ ...call, text: "What is open?" });
    await eventually(() => expect(heard(mention)).toBeDefined());
    expect(heard(mention)?.message).toMatchObject({
      text: "What is open?",
      attachments: [{ name: "a.txt" }],
    });
    const to = heard(mention)?.replyTo;
    assert(to);
    const answer = await bot.platform.createPost(to, post("Nothing", { turn: "t1" }), never);
    const replyTo = answer.split("/")[1] ?? "";
    const reply = discord.say({ channel: thread, user: "Ann", text: "And later?", replyTo });
    const direct = discord.say({ channel: discord.directWith("Ann"), user: "Ann", text: "Just us" });
    await eventually(() => {
      expect(heard(reply)).toMatchObject({ addressing: "reply", message: { text: "And later?" } });
      expect(heard(direct)).toMatchObject({ addressing: "direct", message: { text: "Just us" } });
    });
  });

  test("what is hidden is nobody's empty message, neither heard nor missed nor read from before", async () => {
    const thread = discord.openThread(discord.channel);
    const ids = [
      discord.say({ channel: thread, user: "Ann", text: "A secret" }),
      discord.say({
        channel: thread,
        user: "Ann",
        text: "",
        attachments: [{ id: "8", filename: "b", size: 1 }],
      }),
      discord.say({
        channel: thread,
        user: "CI",
        isBot: true,
        text: "",
        extra: { embeds: [{ title: "Red" }] },
      }),
      discord.say({ channel: thread, user: "Ann", text: "", extra: { poll: { question: { text: "?" } } } }),
    ];
    await hear(thread);
    expect(ids.filter((id) => heard(id) !== undefined)).toEqual([]);
    const conversation = `discord:${discord.guild}:${thread}` as const;
    const place = `${discord.guild}:${discord.channel}`;
    const missed = await bot.platform.fetchMissed(
      { place, conversations: [{ conversation }], missedFromMs: 1 },
      never,
    );
    expect(missed.filter(({ message }) => ids.includes(message.id))).toEqual([]);
    const earlier = await bot.platform.fetchHistory({ conversation, place }, 100, never);
    expect(earlier.map(({ text }) => text)).toEqual(["Well?"]);
  });

  test("a reply to a hidden message is heard, without that message", async () => {
    const thread = discord.openThread(discord.channel);
    const hidden = discord.say({ channel: thread, user: "Bob", text: "A secret" });
    const reply = discord.say({
      channel: thread,
      user: "Ann",
      text: "Is it?",
      mention: true,
      replyTo: hidden,
    });
    await eventually(() => expect(heard(reply)).toBeDefined());
    expect(heard(reply)?.message.quoted).toBeUndefined();
  });

  test("an edit that takes the mention away replaces the old text, and one that adds it calls", async () => {
    const thread = discord.openThread(discord.channel);
    const lost = discord.say({ channel: thread, user: "Ann", text: "The code is 1234", mention: true });
    await eventually(() => expect(heard(lost)).toBeDefined());
    discord.edit(lost, "Never mind");
    const found = discord.say({ channel: thread, user: "Ann", text: "Any news?" });
    discord.edit(found, `<@${discord.botId}> any news?`);
    await hear(thread);
    const edits = core.accepted.filter(({ kind }) => kind === "edited");
    expect(edits).toEqual([
      expect.objectContaining({ message: lost, text: expect.stringMatching(/^\[edited .* hidden from me/u) }),
      expect.objectContaining({ message: found, call: expect.objectContaining({ addressing: "mention" }) }),
    ]);
    expect(edits[0]).not.toHaveProperty("call");
  });

  test("an answer in a thread of its own says that each message there has to mention the bot", async () => {
    const call = discord.say({ channel: discord.channel, user: "Ann", text: "What is open?", mention: true });
    await eventually(() => expect(heard(call)).toBeDefined());
    const to = heard(call)?.replyTo;
    assert(to);
    const id = await bot.platform.createPost(to, post("No", { turn: "t2", state: "writing" }), never);
    await bot.platform.editPost(to, id, post("Nothing", { turn: "t2" }), never);
    await bot.platform.editPost(to, id, post("Nothing", { turn: "t2" }), never);
    expect(discord.posts(call)[0]?.versions).toEqual([
      "No",
      ...Array.from(
        { length: 2 },
        () => "Nothing\n-# Mention me in each message here: I can't read the others.",
      ),
    ]);
  });
});

test("an operator who does without the intent is not asked for it, and not warned", async () => {
  await using other = await startDiscordStandIn();
  await using quiet = await openBot(other, new Core(), new InProcessRateLimits(Date.now), {
    readsContent: false,
  });
  const asked = other.gateway.received.filter(({ op }) => op === 2).map(({ d }) => intentsIn(d));
  expect(asked.map((intents) => (intents & messageContent) !== 0)).toEqual([false]);
  expect(quiet.log.filter(({ level }) => level === "warn")).toEqual([]);
});

function intentsIn(identify: unknown): number {
  assert(typeof identify === "object" && identify !== null && "intents" in identify);
  return Number(identify.intents);
}
