import { afterAll, assert, beforeAll, beforeEach, describe, expect, test } from "vitest";

import type { ReplyAddress } from "../../../src/domain/reply-address.ts";
import { PlatformError } from "../../../src/ports/platform-error.ts";
import { startDiscordStandIn, type DiscordStandIn } from "../../support/discord/discord-stand-in.ts";
import { Core, never, openBot, post, type OpenBot } from "../../support/discord/open-bot.ts";
import { permissions, type Denial } from "../../support/discord/world.ts";
import { eventually } from "../../support/eventually.ts";

let discord: DiscordStandIn;
let bot: OpenBot;
let core: Core;
let turn: string;

beforeAll(async () => {
  discord = await startDiscordStandIn();
  core = new Core();
  bot = await openBot(discord, core);
});

afterAll(async () => {
  await bot[Symbol.asyncDispose]();
  await discord[Symbol.asyncDispose]();
});

beforeEach(() => {
  discord.heal();
  turn = `turn-${discord.world.ids.next()}`;
});

async function ask(
  channel: string,
  user = "Ann",
): Promise<{ readonly id: string; readonly to: ReplyAddress }> {
  const id = discord.say({ channel, user, text: "When is lunch?", mention: true });
  await eventually(() => expect(core.said.at(-1)?.message.id).toBe(id));
  const to = core.said.at(-1)?.replyTo;
  assert(to);
  return { id, to };
}

/** A channel in which the bot may open threads, and be refused in them. */
function room(...denials: readonly Denial[]): string {
  const { id } = discord.addChannel();
  discord.deny(id, "sendInThreads", ...denials);
  return id;
}

describe("where threads may be opened but not written in", () => {
  test("and the roles say so, no thread is opened, and the answer is posted under the question", async () => {
    const { id: channel } = discord.addChannel();
    discord.overwrite(channel, { id: discord.guild, deny: permissions.sendInThreads });
    const { id, to } = await ask(channel);
    await bot.platform.createPost(to, post("One", { turn }), never);
    expect(discord.posts(channel)).toMatchObject([{ content: "One", replyTo: id }]);
    expect(discord.calls("POST", /threads$/u)).toEqual([]);
  });

  test("and only the first post shows it, the empty thread is deleted, and nothing else is erased", async () => {
    const channel = room();
    const { id, to } = await ask(channel);
    await bot.platform.createPost(to, post("One", { turn }), never);
    await bot.platform.createPost(to, post("Two", { turn, part: 1 }), never);
    expect(discord.posts(channel)).toMatchObject([
      { content: "One", replyTo: id },
      { content: "Two", replyTo: id },
    ]);
    expect(discord.world.channels.has(id)).toBe(false);
    // By now its end has been heard: what comes behind it is heard in order.
    await ask(channel);
    expect(core.accepted.filter(({ kind }) => kind === "erased")).toEqual([]);
  });

  test("nor opened, as there are too many, the reply is posted in the channel", async () => {
    const channel = room();
    const { id, to } = await ask(channel);
    const path = new RegExp(`${id}/messages$`, "u");
    discord.fail({ path, method: "POST", status: 400, code: 160_006 });
    await bot.platform.createPost(to, post("One", { turn }), never);
    expect(discord.posts(channel)).toMatchObject([{ content: "One", replyTo: id }]);
  });

  test("and the empty thread can't be deleted, it is closed", async () => {
    const channel = room("remove");
    const { id, to } = await ask(channel);
    await bot.platform.createPost(to, post("One", { turn }), never);
    expect(discord.posts(channel)).toMatchObject([{ content: "One", replyTo: id }]);
    expect(discord.world.channels.get(id)).toMatchObject({ isArchived: true });
  });

  test("a thread that a person opened or wrote in stays as it is", async () => {
    const channel = room();
    const first = await ask(channel);
    discord.openThread(channel, { on: first.id });
    await bot.platform.createPost(first.to, post("One", { turn }), never);
    const second = await ask(channel);
    discord.fail({ path: new RegExp(`${second.id}/messages$`, "u"), method: "POST", status: 503 });
    await bot.platform.createPost(second.to, post("Two", { turn: `${turn}b` }), never).catch(() => undefined);
    discord.say({ channel: second.id, user: "Bob", text: "I know" });
    await bot.platform.createPost(second.to, post("Two", { turn: `${turn}b` }), never);
    expect(discord.posts(channel).map(({ content }) => content)).toEqual(["One", "Two"]);
    for (const { id } of [first, second])
      expect(discord.world.channels.get(id)).toMatchObject({ isArchived: false });
  });

  test("and the channel is closed too, the error says why", async () => {
    const channel = room("send");
    const { id, to } = await ask(channel);
    const posting = bot.platform.createPost(to, post("One", { turn }), never);
    await expect(posting).rejects.toMatchObject({ kind: "forbidden", closed: "permission" });
    expect(discord.world.channels.has(id)).toBe(false);
  });
});

describe("a person whose question can't be answered in its place", () => {
  test.each([
    ["is told in a DM", false, ["The thread is locked."], undefined],
    ["with closed DMs sees a mark on the message", true, [], ["🙊"]],
  ] as const)("%s", async (_, isShut, told, marks) => {
    const channel = room("send");
    const user = isShut ? "Shut" : "Open";
    if (isShut) discord.closeDirects(user);
    const { id, to } = await ask(channel, user);
    await bot.platform.notifyUnanswered(to, { text: "The thread is locked.", message: id }, never);
    expect(discord.posts(discord.directWith(user)).map(({ content }) => content)).toEqual(told);
    expect(discord.world.messages.get(id)?.reactions).toEqual(marks);
    expect(discord.posts(channel)).toEqual([]);
  });

  test("gets an error where not even a reaction is permitted", async () => {
    const channel = room("send", "react");
    discord.closeDirects("Cem");
    const { id, to } = await ask(channel, "Cem");
    const telling = bot.platform.notifyUnanswered(to, { text: "No.", message: id }, never);
    await expect(telling).rejects.toMatchObject({ kind: "forbidden" });
  });
});

describe("a thread", () => {
  /** A question in a thread that a person opened. */
  async function askInThread(): Promise<{ readonly thread: string; readonly to: ReplyAddress }> {
    const thread = discord.openThread(discord.channel);
    return { thread, to: (await ask(thread)).to };
  }

  const create = (to: ReplyAddress) => bot.platform.createPost(to, post("One", { turn }), never);

  test("that is locked takes no answer and no edit, and the error says why", async () => {
    const { thread, to } = await askInThread();
    const id = await create(to);
    discord.restrict(thread, { isLocked: true });
    turn = `${turn}b`;
    await expect(create(to)).rejects.toMatchObject({ kind: "forbidden", closed: "locked" });
    const editing = bot.platform.editPost(to, id, post("Two", { turn }), never);
    await expect(editing).rejects.toMatchObject({ kind: "forbidden", closed: "locked" });
    expect(discord.world.channels.get(thread)).toMatchObject({ isArchived: true });
  });

  test("that is closed is opened by the answer, or for it where Discord wants that first", async () => {
    const { thread, to } = await askInThread();
    discord.archive(thread);
    discord.fail({ path: new RegExp(`${thread}/messages$`, "u"), method: "POST", status: 400, code: 50_083 });
    await create(to);
    expect(discord.posts(thread).map(({ content }) => content)).toEqual(["One"]);
    expect(discord.world.channels.get(thread)).toMatchObject({ isArchived: false });
  });

  test("that is full takes no answer, and the error says why", async () => {
    const { thread, to } = await askInThread();
    discord.restrict(thread, { isFull: true });
    await expect(create(to)).rejects.toMatchObject({ kind: "forbidden", closed: "full" });
  });

  test("in slow mode takes the answer later, and the error says when and why; others don't wait", async () => {
    const { thread, to } = await askInThread();
    const other = await askInThread();
    discord.restrict(thread, { slowModeS: 600 });
    const id = await create(to);
    turn = `${turn}b`;
    const failure = await create(to).catch((error: unknown) => error);
    expect(failure).toMatchObject({ kind: "rate-limited", closed: "slow-mode", isPassing: true });
    assert(failure instanceof PlatformError);
    expect(failure.retryAfterMs).toBeGreaterThan(590_000);
    expect(failure.retryAfterMs).toBeLessThanOrEqual(600_000);
    // Neither edits there nor posts elsewhere are slowed down.
    await bot.platform.editPost(to, id, post("Two", { turn }), never);
    await bot.platform.createPost(other.to, post("Three", { turn: `${turn}c` }), never);
    discord.restrict(thread, { slowModeS: 0 });
    await create(to);
    expect(discord.posts(thread).map(({ content }) => content)).toEqual(["Two", "One"]);
  });
});

test.each([
  [403, 50_001, "forbidden", "outside"],
  [403, 50_013, "forbidden", "permission"],
  [403, 50_007, "forbidden", "direct"],
  [400, 160_005, "forbidden", "locked"],
  [400, 160_006, "forbidden", "full"],
  [400, 30_033, "forbidden", "full"],
  [400, 200_000, "rejected", "filtered"],
  [403, 240_000, "forbidden", "filtered"],
])("HTTP %i with code %i says why a place accepts no posts", async (status, code, kind, closed) => {
  const { to } = await ask(discord.directWith("Ann"));
  discord.fail({ path: /messages$/u, method: "POST", status, code });
  const posting = bot.platform.createPost(to, post("One", { turn }), never);
  await expect(posting).rejects.toMatchObject({ kind, closed });
});
