import { afterAll, assert, beforeAll, beforeEach, describe, expect, test } from "vitest";

import type { ReplyAddress } from "../../../src/domain/reply-address.ts";
import { startDiscordStandIn, type DiscordStandIn } from "../../support/discord/discord-stand-in.ts";
import { Core, never, openBot, post, type OpenBot } from "../../support/discord/open-bot.ts";
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
  bot.clock.aheadMs = 0;
  turn = `turn-${discord.world.ids.next()}`;
});

interface Asked {
  readonly id: string;
  readonly to: ReplyAddress;
}

async function ask(channel: string, text = "When is lunch?", mention = true): Promise<Asked> {
  const id = discord.say({ channel, user: "Ann", text, mention });
  await eventually(() => expect(core.said.at(-1)?.message.id).toBe(id));
  const to = core.said.at(-1)?.replyTo;
  assert(to);
  return { id, to };
}

function contents(channel: string): readonly string[] {
  return discord
    .posts(channel)
    .filter(({ isDeleted }) => !isDeleted)
    .map(({ content }) => content);
}

describe("an answer is posted", () => {
  test("in a thread opened on the question and named after it", async () => {
    const { id, to } = await ask(discord.channel, "What did @Bob <@1> decide?\nAnd when?");
    const first = await bot.platform.createPost(to, post("One", { turn }), never);
    const second = await bot.platform.createPost(to, post("Two", { turn, part: 1 }), never);

    expect(first.split("/")[0]).toBe(id);
    expect(second.split("/")[0]).toBe(id);
    expect(contents(id)).toEqual(["One", "Two"]);
    expect(discord.world.channels.get(id)?.name).toBe("What did Bob someone decide?");
    expect(discord.calls("POST", new RegExp(`${id}/threads$`, "u"))).toHaveLength(1);
  });

  test("in a thread with a valid name for any question, however long or empty", async () => {
    const long = await ask(discord.channel, "word ".repeat(80));
    const empty = await ask(discord.channel, "");
    await bot.platform.createPost(long.to, post("One", { turn }), never);
    await bot.platform.createPost(empty.to, post("One", { turn: `${turn}b` }), never);

    expect(discord.world.channels.get(long.id)?.name).toMatch(/^(?:word ?)+…$/u);
    expect(discord.world.channels.get(empty.id)?.name).toBe("Conversation");
  });

  test("in the thread that a person opened first on the question", async () => {
    const { id, to } = await ask(discord.channel);
    discord.openThread(discord.channel, { on: id });
    await bot.platform.createPost(to, post("Here", { turn }), never);

    expect(contents(id)).toEqual(["Here"]);
  });

  test.each([
    ["threads are not permitted", () => discord.deny(place(), "threads")],
    ["Discord has too many threads", () => discord.fail({ path: /threads$/u, status: 400, code: 160_006 })],
  ])("under the question in the channel when %s, every part of it", async (_, forbid) => {
    channel = discord.addChannel().id;
    forbid();
    const { id, to } = await ask(channel);
    await bot.platform.createPost(to, post("One", { turn }), never);
    await bot.platform.createPost(to, post("Two", { turn, part: 1 }), never);

    expect(discord.posts(channel)).toMatchObject([
      { content: "One", replyTo: id },
      { content: "Two", replyTo: id },
    ]);
  });

  test("under the question in a kind of channel that has no threads", async () => {
    const voice = discord.addChannel({ type: 2 }).id;
    const { id, to } = await ask(voice);
    await bot.platform.createPost(to, post("One", { turn }), never);

    expect(discord.posts(voice)).toMatchObject([{ content: "One", replyTo: id }]);
  });

  test("without a reference where replies are not permitted, or the question was deleted", async () => {
    const room = discord.addChannel().id;
    discord.deny(room, "threads", "history");
    const { to } = await ask(room);
    await bot.platform.createPost(to, post("One", { turn }), never);
    const direct = discord.directWith("Cem");
    const asked = await ask(direct);
    discord.delete(asked.id);
    await bot.platform.createPost(asked.to, post("Two", { turn: `${turn}b` }), never);

    expect(discord.posts(room)[0]).toMatchObject({ content: "One" });
    expect(discord.posts(room)[0]?.replyTo).toBeUndefined();
    expect(discord.posts(direct)[0]).toMatchObject({ content: "Two" });
  });

  test("in no other place when a thread can't be opened for the moment", async () => {
    const { to } = await ask(discord.channel);
    discord.fail({ path: /threads$/u, status: 503 });

    await expect(bot.platform.createPost(to, post("One", { turn }), never)).rejects.toMatchObject({
      name: "PlatformError",
      kind: "unreachable",
    });
    expect(contents(discord.channel)).not.toContain("One");
  });
});

let channel = "";
const place = () => channel;

describe("a post", () => {
  test("grows by edits and can be deleted, even twice", async () => {
    const { to } = await ask(discord.directWith("Ann"));
    const id = await bot.platform.createPost(to, post("A", { turn, state: "writing" }), never);
    await bot.platform.editPost(to, id, post("A B", { turn }), never);
    const seen = () => discord.posts(discord.directWith("Ann")).at(-1);
    const link = bot.platform.permalinkOf(`discord:dm:${discord.directWith("Ann")}`, id);
    expect(link).toBe(`https://discord.com/channels/@me/${id}`);

    expect(seen()).toMatchObject({ content: "A B", versions: ["A", "A B"] });
    await bot.platform.deletePost(to, id, never);
    await bot.platform.deletePost(to, id, never);
    expect(seen()?.isDeleted).toBe(true);
  });

  test("whose creation was not confirmed is the same, with the new text, when the creation is repeated", async () => {
    const direct = discord.directWith("Dora");
    const { to } = await ask(direct);
    discord.fail({ method: "POST", path: /messages$/u, isReset: true, afterwards: true });
    await expect(bot.platform.createPost(to, post("Half", { turn }), never)).rejects.toMatchObject({
      kind: "unreachable",
    });
    const id = await bot.platform.createPost(to, post("Half and whole", { turn }), never);

    expect(discord.posts(direct)).toMatchObject([{ content: "Half and whole" }]);
    expect(id).toBe(`${direct}/${discord.posts(direct)[0]?.id}`);
  });

  test("of an old turn is edited and deleted by its id alone, wherever it is", async () => {
    const places = [discord.directWith("Ann"), discord.openThread(discord.channel), discord.channel];
    const nowhere: ReplyAddress = { platform: "discord", target: {} };
    for (const [index, room] of places.entries()) {
      const { to } = await ask(room);
      const id = await bot.platform.createPost(to, post("Old", { turn: `${turn}-${index}` }), never);
      await using other = await openBot(discord, new Core());
      await other.platform.editPost(nowhere, id, post("Less"), never);
      const seen = () => discord.posts(id.split("/")[0] ?? "").at(-1);
      expect(seen()).toMatchObject({ content: "Less", isDeleted: false });
      await other.platform.deletePost(nowhere, id, never);
      await other.platform.deletePost(nowhere, id, never);
      expect(seen()).toMatchObject({ isDeleted: true });
    }
  });

  test("in a closed thread is deleted, and the thread stays closed", async () => {
    const { id: thread, to } = await ask(discord.channel);
    const id = await bot.platform.createPost(to, post("A", { turn }), never);
    discord.archive(thread);
    await bot.platform.deletePost({ platform: "discord", target: {} }, id, never);

    expect(contents(thread)).toEqual([]);
    expect(discord.world.channels.get(thread)?.isArchived).toBe(true);
  });

  test("of a deleted channel counts as deleted; one in a forbidden channel does not", async () => {
    const nowhere: ReplyAddress = { platform: "discord", target: {} };
    const open = discord.addChannel().id;
    const { to } = await ask(open);
    const id = await bot.platform.createPost(to, post("A", { turn }), never);
    const thread = id.split("/")[0] ?? "";
    discord.deny(thread, "view");
    await expect(bot.platform.deletePost(nowhere, id, never)).rejects.toMatchObject({ kind: "forbidden" });
    discord.deleteChannel(open);
    await bot.platform.deletePost(nowhere, id, never);
    await expect(bot.platform.editPost(nowhere, id, post("B"), never)).rejects.toMatchObject({
      kind: "gone",
    });
  });

  test("in a thread that was closed since is edited", async () => {
    const { id: thread, to } = await ask(discord.channel);
    const id = await bot.platform.createPost(to, post("A", { turn }), never);
    discord.archive(thread);
    await bot.platform.editPost(to, id, post("A B", { turn }), never);

    expect(contents(thread)).toEqual(["A B"]);
  });

  test("causes no pings and shows no previews, when created and when edited", async () => {
    const direct = discord.directWith("Ann");
    const { to } = await ask(direct);
    const id = await bot.platform.createPost(to, post("@everyone <@1> https://a.b", { turn }), never);
    await bot.platform.editPost(to, id, post("@here", { turn }), never);

    const own = new RegExp(`^/channels/${direct}/messages`, "u");
    const bodies = [...discord.calls("POST", own), ...discord.calls("PATCH", own)].slice(-2);
    expect(bodies).toHaveLength(2);
    for (const { body } of bodies) {
      expect(body).toMatchObject({ allowed_mentions: { parse: [], replied_user: false }, flags: 4 });
    }
  });

  test("is announced by typing where the answer will be", async () => {
    const direct = discord.directWith("Ann");
    const { to } = await ask(direct);
    const typing = () => discord.calls("POST", new RegExp(`${direct}/typing$`, "u")).length;
    // The calls of the tests before count as well; a second later there is room again.
    await eventually(async () => {
      await bot.platform.showWorking(to, never);
      expect(typing()).toBeGreaterThan(0);
    });
  });

  test("leaves the last calls of a second to answers instead of typing", async () => {
    await using fresh = await startDiscordStandIn();
    await using other = await openBot(fresh);
    const to = {
      platform: "discord",
      target: { how: "reply", channel: fresh.channel, message: "1", user: "2" },
    };
    await Promise.all(
      Array.from({ length: 40 }, (_, part) =>
        other.platform.createPost(to, post("A", { turn, part }), never),
      ),
    );
    await other.platform.showWorking(to, never);

    expect(fresh.posts(fresh.channel)).toHaveLength(40);
    expect(fresh.calls("POST", /typing$/u)).toHaveLength(0);
  });
});

describe("the search for a post after a crash", () => {
  const longAgo = () => bot.clock.nowMs() - 3 * 60_000;

  async function write(to: ReplyAddress, parts: number): Promise<readonly string[]> {
    const ids: string[] = [];
    for (let part = 0; part < parts; part += 1) {
      ids.push(await bot.platform.createPost(to, post(`Part ${part}`, { turn, part }), never));
    }
    return ids;
  }

  test("is not needed while creating it again is harmless", async () => {
    const { to } = await ask(discord.directWith("Ann"));
    await write(to, 1);

    expect(await bot.platform.findPost(to, post("", { turn }), bot.clock.nowMs(), never)).toBeUndefined();
  });

  test.each([
    ["a thread opened for it", () => discord.addChannel().id],
    ["a DM", () => discord.directWith("Ed")],
    [
      "a channel without threads",
      () => {
        const added = discord.addChannel();
        discord.deny(added.id, "threads");
        return added.id;
      },
    ],
  ])("finds each part in %s, and none that was never created", async (_, at) => {
    const room = at();
    const earlier = await ask(room);
    await bot.platform.createPost(earlier.to, post("Earlier", { turn: `${turn}-earlier` }), never);
    const { to } = await ask(room);
    await bot.platform.createPost(earlier.to, post("Late", { turn: `${turn}-earlier`, part: 1 }), never);
    const ids = await write(to, 2);
    const find = (part: number) => bot.platform.findPost(to, post("", { turn, part }), longAgo(), never);

    expect([await find(0), await find(1), await find(2)]).toEqual([...ids, undefined]);
  });

  test("finds nothing where no thread was opened yet", async () => {
    const { to } = await ask(discord.channel);

    expect(await bot.platform.findPost(to, post("", { turn }), longAgo(), never)).toBeUndefined();
  });

  test("reads further when many messages were sent since", async () => {
    const direct = discord.directWith("Flo");
    const { id, to } = await ask(direct);
    for (let count = 0; count < 120; count += 1) {
      discord.say({ channel: direct, user: "Flo", text: `More ${count}`, replyTo: id });
    }
    const [post0] = await write(to, 1);

    expect(await bot.platform.findPost(to, post("", { turn }), longAgo(), never)).toBe(post0);
  });

  test("uses the nonce where Discord gives it", async () => {
    await using telling = await startDiscordStandIn({ tellsNonces: true });
    await using other = await openBot(telling);
    const to = {
      platform: "discord",
      target: { how: "reply", channel: telling.channel, message: "1", user: "2" },
    };
    const id = await other.platform.createPost(to, post("One", { turn, part: 7 }), never);

    expect(await other.platform.findPost(to, post("", { turn, part: 7 }), longAgo(), never)).toBe(id);
    expect(await other.platform.findPost(to, post("", { turn, part: 8 }), longAgo(), never)).toBeUndefined();
  });
});

describe("an error from Discord", () => {
  test.each([
    ["no permission", { status: 403, code: 50_013 }, "forbidden"],
    ["the channel is gone", { status: 404, code: 10_003 }, "gone"],
    ["the text is not taken", { status: 400, code: 200_000 }, "rejected"],
    ["Discord is down", { status: 502 }, "unreachable"],
    ["the connection is cut", { isReset: true }, "unreachable"],
    ["slow mode", { status: 400, code: 20_016 }, "rate-limited"],
  ])("has the right kind: %s", async (_, fault, kind) => {
    const { to } = await ask(discord.directWith("Ann"), "A secret question");
    discord.fail({ method: "POST", path: /messages$/u, ...fault });
    const failure = await bot.platform.createPost(to, post("A secret answer", { turn }), never).catch(String);
    discord.fail({ method: "POST", path: /messages$/u, ...fault });

    await expect(bot.platform.createPost(to, post("A secret answer", { turn }), never)).rejects.toMatchObject(
      {
        name: "PlatformError",
        kind,
      },
    );
    expect(failure).not.toContain("secret");
  });

  test("for a rate limit gives the time to wait, at once", async () => {
    const { to } = await ask(discord.directWith("Gil"));
    discord.fail({ method: "POST", path: /messages$/u, status: 429, retryAfterS: 7 });
    const startedAtMs = Date.now();

    const error: unknown = await bot.platform
      .createPost(to, post("A", { turn }), never)
      .catch((e: unknown) => e);
    expect(error).toMatchObject({ kind: "rate-limited" });
    expect(error).toHaveProperty("retryAfterMs", expect.closeTo(7_000, -3));
    expect(Date.now() - startedAtMs).toBeLessThan(6_000);
  });

  test("for a short rate limit is waited out", async () => {
    const { to } = await ask(discord.directWith("Hal"));
    discord.fail({ method: "POST", path: /messages$/u, status: 429, retryAfterS: 0.1 });

    await bot.platform.createPost(to, post("A", { turn }), never);
    expect(contents(discord.directWith("Hal"))).toEqual(["A"]);
  });

  test("for a rate limit without a time is not retried at once", async () => {
    const { to } = await ask(discord.directWith("Ida"));
    const id = await bot.platform.createPost(to, post("A", { turn }), never);
    const edits = () => discord.calls("PATCH", /messages\/\d+$/u).length;
    const before = edits();
    // Too many edits of messages that are older than an hour.
    discord.fail({ method: "PATCH", path: /messages/u, status: 429, code: 30_046, times: 20 });
    await expect(bot.platform.editPost(to, id, post("B", { turn }), never)).rejects.toMatchObject({
      kind: "rate-limited",
      retryAfterMs: 5_000,
    });
    expect(edits() - before).toBe(1);
  });

  test("for an aborted call is the reason of the signal", async () => {
    const { to } = await ask(discord.directWith("Ida"));
    discord.fail({ method: "POST", path: /messages$/u, isSilent: true });
    const aborting = new AbortController();
    const created = bot.platform.createPost(to, post("A", { turn }), aborting.signal);
    aborting.abort(new Error("Enough"));

    await expect(created).rejects.toThrow("Enough");
  });

  test("contains neither the text nor a token, however it is printed", async () => {
    const { to } = await ask(discord.directWith("Jan"));
    discord.fail({ method: "POST", path: /messages$/u, status: 400, code: 1 });
    const error: unknown = await bot.platform
      .createPost(to, post("A secret answer", { turn }), never)
      .catch((fault: unknown) => fault);
    const { inspect } = await import("node:util");

    expect(inspect(error, { depth: 10 })).toContain("PlatformError");
    expect(inspect(error, { depth: 10 })).not.toContain("secret answer");
  });
});

test("a growing post shows nothing broken, and a complete one what the model wrote", async () => {
  const direct = discord.directWith("Gil");
  const { to } = await ask(direct, "grow");
  const id = await bot.platform.createPost(to, post("**It", { turn, state: "writing" }), never);
  expect(contents(direct)).toContain("**It**");
  await bot.platform.editPost(to, id, post("See [it](https://a.exam", { turn, state: "writing" }), never);
  expect(contents(direct)).toContain("See");
  const line = "**May I read https://example.com/a?**";
  await bot.platform.editPost(to, id, post(line, { turn, state: "writing", isLine: true }), never);
  expect(contents(direct)).toContain(line);
  const full = `\`\`\`\n${"x".repeat(1_995)}`;
  await bot.platform.editPost(to, id, post(full, { turn, state: "writing" }), never);
  expect(contents(direct)).toContain(full);
  await bot.platform.editPost(to, id, post("**It", { turn, state: "done" }), never);
  expect(contents(direct)).toContain("**It");
});
