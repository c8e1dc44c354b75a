import { afterAll, assert, beforeAll, beforeEach, describe, expect, test } from "vitest";

import type { PostFile } from "../../../src/domain/post.ts";
import type { ReplyAddress } from "../../../src/domain/reply-address.ts";
import { startDiscordStandIn, type DiscordStandIn } from "../../support/discord/discord-stand-in.ts";
import { Core, never, openBot, post, type OpenBot } from "../../support/discord/open-bot.ts";
import type { Uploaded } from "../../support/discord/world.ts";
import { latest } from "../../support/discord/world.ts";
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
  discord.heal();
  core = new Core();
  bot = await openBot(discord, core);
  return () => bot[Symbol.asyncDispose]();
});

const code: PostFile = { name: "main.py", mediaType: "text/plain; charset=utf-8", content: "print('é')\n" };
const answer: PostFile = { name: "answer.md", mediaType: "text/markdown; charset=utf-8", content: "# All\n" };

async function asked(channel: string): Promise<ReplyAddress> {
  const id = discord.say({ channel, user: "Ann", text: "Code?", mention: true });
  await eventually(() => expect(core.said.at(-1)?.message.id).toBe(id));
  const to = core.said.at(-1)?.replyTo;
  assert(to);
  return to;
}

const files = (id: string): readonly Uploaded[] => {
  const message = discord.world.messages.get(id.split("/")[1] ?? "");
  assert(message);
  return latest(message).files ?? [];
};
const names = (id: string): readonly string[] => files(id).map(({ name }) => name);
/** Files that were sent to Discord, by name. */
const uploads = (): readonly string[] =>
  discord.journal.flatMap((line) => line.files.map(({ name }) => name));

describe("the files of a post", () => {
  test("come with it, byte for byte", async () => {
    const to = await asked(discord.channel);
    const done = post("(see main.py)", { turn: "t1", state: "done", files: [code] });
    const id = await bot.platform.createPost(to, done, never);
    expect(files(id)).toMatchObject([
      { name: "main.py", type: code.mediaType, bytes: Buffer.from("print('é')\n") },
    ]);
  });

  test("are not sent again by an edit that keeps them, and go with one that has none", async () => {
    const to = await asked(discord.channel);
    const id = await bot.platform.createPost(to, post("So far", { turn: "t2" }), never);
    const before = uploads().length;
    const edit = (text: string, ...given: readonly PostFile[]) =>
      bot.platform.editPost(to, id, post(text, { turn: "t2", state: "done", files: given }), never);
    await edit("Done", code);
    await edit("Done!", code);
    expect(names(id)).toEqual(["main.py"]);
    expect(uploads().slice(before)).toEqual(["main.py"]);
    await edit("Done, with all", code, answer);
    expect(names(id)).toEqual(["main.py", "answer.md"]);
    expect(uploads().slice(before)).toEqual(["main.py", "answer.md"]);
    await edit("Other code", { ...code, content: "print('e')\n " });
    expect(files(id)).toMatchObject([{ name: "main.py", bytes: Buffer.from("print('e')\n ") }]);
    await bot.platform.editPost(to, id, post("Again", { turn: "t3" }), never);
    expect(names(id)).toEqual([]);
  });

  test("stand once, also if another process writes the post again", async () => {
    const to = await asked(discord.channel);
    const done = post("(see main.py)", { turn: "t4", state: "done", files: [code] });
    const id = await bot.platform.createPost(to, done, never);
    await using other = await openBot(discord, new Core());
    expect(await other.platform.createPost(to, done, never)).toBe(id);
    expect(names(id)).toEqual(["main.py"]);
    await other.platform.editPost(to, id, done, never);
    expect(names(id)).toEqual(["main.py"]);
    await using third = await openBot(discord, new Core());
    await third.platform.editPost(to, id, done, never);
    expect(names(id)).toEqual(["main.py"]);
  });

  test("replace those of an earlier create whose answer was lost", async () => {
    const to = await asked(discord.channel);
    const first = post("Words", { turn: "t5", state: "done", files: [code] });
    const id = await bot.platform.createPost(to, first, never);
    const again = { ...first, files: [{ ...code, content: "print('other')\n" }, answer] };
    expect(await bot.platform.createPost(to, again, never)).toBe(id);
    expect(files(id)).toMatchObject([{ bytes: Buffer.from("print('other')\n") }, { name: "answer.md" }]);
  });

  test("of the file store have a text for people who can't see them, and are left out if the bytes are gone", async () => {
    const to = await asked(discord.channel);
    const stored = await bot.files.put(Buffer.from("pixels"), never);
    const image = { name: "cat.png", mediaType: "image/png", description: "A cat", content: stored };
    const gone = { ...image, name: "dog.png", content: { hash: "gone", sizeBytes: 3 } };
    const done = post("Here", { turn: "t6", state: "done", files: [image, gone] });
    const id = await bot.platform.createPost(to, done, never);
    expect(files(id)).toMatchObject([{ name: "cat.png", type: "image/png", description: "A cat" }]);
    expect(bot.log).toContainEqual(expect.objectContaining({ level: "warn" }));
  });

  test("are refused where Discord finds them too large", async () => {
    const to = await asked(discord.channel);
    discord.fail({ method: "POST", path: /\/messages$/u, status: 413 });
    const large = post("Words", { turn: "t7", state: "done", files: [code] });
    const writing = bot.platform.createPost(to, large, never);
    await expect(writing).rejects.toMatchObject({ name: "PlatformError", refusesFiles: true });
  });

  test.each(["a create", "an edit"])("are refused by %s where the bot may attach none", async (what) => {
    const channel = discord.addChannel();
    const to = await asked(channel.id);
    const words = post("Words", { turn: `of ${what}`, state: "done" });
    const withFile = { ...words, files: [code] };
    const id = what === "an edit" ? await bot.platform.createPost(to, words, never) : undefined;
    channel.denied.add("attach");
    const writing =
      id === undefined
        ? bot.platform.createPost(to, withFile, never)
        : bot.platform.editPost(to, id, withFile, never);
    await expect(writing).rejects.toMatchObject({ name: "PlatformError", refusesFiles: true });
    expect(bot.log.at(-1)).toMatchObject({ level: "warn", message: expect.stringMatching(/Attach Files/u) });
    expect(names(await bot.platform.createPost(to, words, never))).toEqual([]);
  });
});
