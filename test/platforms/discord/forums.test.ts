import { afterAll, assert, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { startDiscordStandIn, type DiscordStandIn } from "../../support/discord/discord-stand-in.ts";
import { never, openBot, type OpenBot } from "../../support/discord/open-bot.ts";
import { eventually } from "../../support/eventually.ts";

const tags = [
  { id: "71", name: "bug" },
  { id: "72", name: "mac" },
];
const kinds = [
  ["forum", 15],
  ["media channel", 16],
] as const;

let discord: DiscordStandIn;
let bot: OpenBot;

beforeAll(async () => {
  discord = await startDiscordStandIn();
  bot = await openBot(discord);
});

afterAll(async () => {
  await bot[Symbol.asyncDispose]();
  await discord[Symbol.asyncDispose]();
});

beforeEach(() => discord.heal());

function openPost(type: number, server = discord): string {
  const forum = server.addChannel({ type, name: "help", tags }).id;
  const post = server.openPost(forum, {
    user: "Ann",
    text: "It stops",
    name: "Export hangs",
    tags: tags.slice(0, 1),
  });
  bot.core.list(`${server.guild}:${forum}`, `discord:${server.guild}:${post}`, "It stops");
  return post;
}

/** What is accepted for the post up to a message that is said now. */
async function changesOf(post: string): Promise<readonly unknown[]> {
  const last = discord.say({ channel: post, user: "Zoe", text: "Well?", mention: true });
  await eventually(() => expect(bot.core.said.map(({ message }) => message.id)).toContain(last));
  return bot.core.accepted.filter((inbound) => inbound.kind === "edited" && inbound.message === post);
}

describe.each(kinds)("a post of a %s", (_, type) => {
  test("that was asleep since the start is read with its title, tags and files, fetched once", async () => {
    await using server = await startDiscordStandIn();
    const post = openPost(type, server);
    const first = server.world.messages.get(post);
    assert(first);
    first.attachments = [{ id: "9", filename: "log.txt", size: 3, url: "https://cdn/log.txt" }];
    server.archive(post);
    await using late = await openBot(server);
    const call = server.say({ channel: post, user: "Bob", text: "Why?", mention: true });
    await eventually(() => expect(late.core.said).toHaveLength(1));
    const [said] = late.core.said;
    assert(said);
    const earlier = await late.platform.fetchHistory({ ...said, before: call }, 100, never);
    expect(earlier).toMatchObject([
      {
        id: post,
        author: { name: "Ann" },
        text: "[post: Export hangs; tags: bug]\nIt stops",
        attachments: [{ name: "log.txt" }],
      },
    ]);
    server.say({ channel: post, user: "Bob", text: "Anyone?" });
    await eventually(() => expect(late.core.said).toHaveLength(2));
    expect(server.calls("GET", new RegExp(`channels/${post}$`, "u"))).toHaveLength(1);
  });

  test("has its new title and tags above the first message, and calls nobody", async () => {
    const post = openPost(type);
    const conversation = `discord:${discord.guild}:${post}`;
    const steps = [
      [{ name: "Import hangs" }, "[post: Import hangs; tags: bug]"],
      [{ tags }, "[post: Import hangs; tags: bug, mac]"],
      [{ name: "Export hangs" }, "[post: Export hangs; tags: bug, mac]"],
      [{ name: "Import hangs" }, "[post: Import hangs; tags: bug, mac]"],
    ] as const;
    for (const [to, title] of steps) {
      discord.retitle(post, to);
      const changes = await changesOf(post);
      const text = `${title}\nIt stops`;
      expect(changes.at(-1)).toEqual(expect.objectContaining({ text, isByApp: true, conversation }));
      expect(changes.at(-1)).not.toHaveProperty("call");
    }
    expect(await changesOf(post)).toHaveLength(steps.length);
  });

  test("has the new names of its forum's tags, and only where it has such a tag", async () => {
    const [post, other] = [openPost(type), openPost(type)];
    const forum = discord.world.channels.get(post)?.parent ?? "";
    const [bug = { id: "", name: "" }, mac = bug] = tags;
    const untagged = discord.openPost(forum, { user: "Ann", text: "Hm", name: "No tag" });
    bot.core.list(`${discord.guild}:${forum}`, `discord:${discord.guild}:${untagged}`, "Hm");
    const defect = { ...bug, name: "defect" };
    const texts: string[] = [];
    for (const offered of [[defect, mac], [defect, { ...mac, name: "macOS" }], [mac]]) {
      discord.relabel(forum, offered);
      await changesOf(post);
    }
    for (const change of await changesOf(post)) {
      expect(change).toMatchObject({ isByApp: true, text: expect.any(String) });
      texts.push(JSON.stringify(change));
    }
    expect(texts.map((text) => /\[post: ([^\]]*)\]/u.exec(text)?.[1])).toEqual([
      "Export hangs; tags: defect",
      "Export hangs",
    ]);
    expect(await changesOf(untagged)).toEqual([]);
    expect(await changesOf(other)).toEqual([]);
  });

  test("is not looked at for other changes, nor without its first message, nor where the bot is not", async () => {
    const post = openPost(type);
    const looks = () => discord.calls("GET", new RegExp(`${post}/messages/${post}$`, "u")).length;
    discord.retitle(post, {});
    expect(await changesOf(post)).toEqual([]);
    expect(looks()).toBe(0);
    discord.delete(post);
    discord.retitle(post, { name: "Gone" });
    expect(await changesOf(post)).toEqual([]);
    const elsewhere = discord.openPost(discord.addChannel({ type }).id, { user: "Ann", text: "Hm" });
    discord.retitle(elsewhere, { name: "Else" });
    await changesOf(elsewhere);
    expect(discord.calls("GET", new RegExp(`${elsewhere}/messages/`, "u"))).toEqual([]);
  });
});

describe("what Discord adds to a message later", () => {
  const poll = {
    question: { text: "Which day?" },
    answers: [{ answer_id: 1, poll_media: { text: "Tuesday" } }],
  };
  const closed = { ...poll, results: { is_finalized: true, answer_counts: [{ id: 1, count: 2 }] } };
  const card = { type: "rich", title: "Build 91" };

  test.each([
    [
      "votes of a poll that ends",
      { extra: { poll } },
      { poll: closed },
      "[closed poll: Which day? Tuesday: 2 votes]",
    ],
    [
      "cards of an app's message",
      { user: "CI", isBot: true, text: "Done" },
      { embeds: [card] },
      "Done\nBuild 91",
    ],
  ])("is taken over once, and is no question: %s", async (_, said, added, text) => {
    const thread = discord.openThread(discord.channel);
    const id = discord.say({ channel: thread, user: "Ann", text: "", mention: false, ...said });
    discord.complete(id, added);
    discord.touch(id);
    await changesOf(thread);
    const of = bot.core.accepted.filter((inbound) => inbound.kind === "edited" && inbound.message === id);
    expect(of).toEqual([expect.objectContaining({ text, isByApp: true })]);
    expect(of[0]).not.toHaveProperty("call");
  });

  test("changes nothing where it is the preview of a person's link, or an open poll", async () => {
    const thread = discord.openThread(discord.channel);
    const link = discord.say({ channel: thread, user: "Ann", text: "https://bread.example" });
    discord.complete(link, { embeds: [{ type: "article", title: "Bread" }] });
    const open = discord.say({ channel: thread, user: "Ann", text: "", extra: { poll } });
    discord.complete(open, { poll: { ...poll, results: { is_finalized: false, answer_counts: [] } } });
    // A malformed one costs itself alone.
    const broken = discord.say({ channel: thread, user: "CI", isBot: true, text: "Hm" });
    discord.complete(broken, { embeds: [null] });
    await changesOf(thread);
    const edits = bot.core.accepted.filter(
      (inbound) => inbound.kind === "edited" && [link, open, broken].includes(inbound.message),
    );
    expect(edits).toEqual([]);
  });
});

test("a thread is offered by the name that people gave it", async () => {
  const { id: channel } = discord.addChannel();
  const thread = discord.openThread(channel);
  discord.retitle(thread, { name: "Roof garden" });
  const place = `${discord.guild}:${channel}`;
  bot.core.list(place, `discord:${discord.guild}:${thread}`, "first words");
  bot.core.list(place, `discord:${discord.guild}:404`, "a thread that is asleep");
  const { callbacks } = discord.slash({ channel, user: "Ann", name: "reset" });
  await eventually(() => expect(callbacks).toHaveLength(1));
  const shown = JSON.stringify(callbacks[0]?.data);
  expect(shown).toContain("Roof garden");
  expect(shown).toContain("a thread that is asleep");
  expect(shown).not.toContain("first words");
});
