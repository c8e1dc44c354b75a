import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";

import { expect, test } from "vitest";

import { startBot } from "../support/bot-process.ts";
import { DiscordStandIn } from "../support/discord/discord-stand-in.ts";
import { toldIn } from "../support/discord/waits.ts";
import { startMarkedModel } from "../support/stages/marked-model.ts";
import { endMark } from "../support/stages/stage.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const patiently = { timeout: 60_000, interval: 20 };

/** The keys of the conversations that have a record. */
function conversationsIn(folder: string): readonly string[] {
  using database = new DatabaseSync(join(folder, "threadkeeper.sqlite"), { readOnly: true });
  return database
    .prepare("SELECT key FROM conversation WHERE platform <> ''")
    .all()
    .map(({ key }) => String(key));
}

test("in a Discord server without the bot, it answers in private and remembers nothing, also after a kill", async () => {
  using folder = temporaryFolder();
  await using model = await startMarkedModel();
  await using discord = new DiscordStandIn();
  await discord.listen(0);
  const settings = {
    ...model.settings,
    DISCORD_TOKEN: discord.token,
    DISCORD_API_URL: discord.apiUrl,
    DATA_DIR: folder.path,
  };
  const first = await startBot(settings);
  const direct = discord.directWith("Ana");
  discord.say({ channel: direct, user: "Ana", text: "the code word is heron" });
  await expect.poll(() => discord.posts(direct), patiently).toHaveLength(1);
  await expect.poll(() => conversationsIn(folder.path), patiently).toEqual([`discord:dm:${direct}`]);

  const channel = discord.addForeignChannel();
  const slash = (name: string, options: readonly string[] = []) =>
    discord.slash({ channel, user: "Ana", name, options });
  const help = slash("help");
  await expect.poll(() => toldIn(help), patiently).toMatch(/remember nothing of this\.$/u);
  const recall = discord.slash({ channel, user: "Ana", name: "recall", text: { words: "heron" } });
  await expect.poll(() => toldIn(recall), patiently).toMatch(/^I'm not a member here/u);

  const forget = slash("forget", ["me"]);
  await expect.poll(() => toldIn(forget), patiently).toMatch(/^This permanently deletes/u);
  const [, customId = ""] = /"custom_id":"([^"]+me yes)"/u.exec(JSON.stringify(forget.original)) ?? [];
  const message = discord.say({ channel, user: "Bo", text: "the launch code is swordfish" });
  const menu = discord.choose({ message, user: "Cleo", name: "Ask about this" });
  await expect.poll(() => menu.callbacks, patiently).toMatchObject([{ type: 9 }]);
  const press = discord.pressButton({ channel, user: "Ana", customId });
  await expect.poll(() => press.callbacks, patiently).toHaveLength(1);
  await first.kill();

  await using second = await startBot(settings);
  // A killed process may have held the erasure for two minutes.
  const forLong = { ...patiently, timeout: 150_000 };
  await expect.poll(() => toldIn(press), forLong).toMatch(/Done\. I deleted 1 of your messages/u);
  expect(conversationsIn(folder.path).filter((key) => key.includes(channel))).toEqual([]);
  expect(discord.posts(channel)).toEqual([]);
  expect(model.requests).toHaveLength(1);

  const free = discord.slash({
    channel,
    user: "Ana",
    name: "ask",
    text: { question: "how far is the moon?" },
  });
  await expect.poll(() => toldIn(free), patiently).toMatch(/remember nothing of this\.$/u);
  const form = discord.submitForm(menu, "which code?");
  await expect.poll(() => toldIn(form), patiently).toMatch(/remember nothing of this\.$/u);
  expect(JSON.stringify([free, form].map(({ original }) => original))).not.toContain("custom_id");
  const prompts = model.requests.map(({ messages }) => JSON.stringify(messages));
  for (const part of ["Bo: the launch code is swordfish", "Cleo: which code?"])
    expect(prompts[2]).toContain(part);
  expect(prompts[1]).toContain("Ana: how far is the moon?");
  for (const prompt of prompts.slice(1)) expect(prompt).not.toContain("heron");
  expect(prompts[2]).not.toContain("moon");
  expect(conversationsIn(folder.path).filter((key) => key.includes(channel))).toEqual([]);
  expect(discord.posts(channel)).toEqual([]);

  const here = discord.say({ channel: discord.channel, user: "Bo", text: "the other code is osprey" });
  const choice = discord.choose({ message: here, user: "Ana", name: "Ask about this" });
  await expect.poll(() => choice.callbacks, patiently).toMatchObject([{ type: 9 }]);
  const asked = discord.submitForm(choice, "which one?");
  await expect.poll(() => toldIn(asked), patiently).toContain(endMark);
  const [, show = ""] = /"custom_id":"([^"]+)"/u.exec(JSON.stringify(asked.original.at(-1))) ?? [];
  discord.pressButton({ channel: discord.channel, user: "Ana", customId: show });
  const posted = () => discord.posts(discord.channel).filter(({ isDeleted }) => !isDeleted);
  await expect
    .poll(
      () =>
        posted()
          .map(({ content }) => content)
          .join(),
      patiently,
    )
    .toContain(endMark);
  expect(posted()).toMatchObject([
    { content: expect.stringContaining("**Ana** asked about [this message]") },
  ]);
  discord.delete(here);
  await expect.poll(posted, patiently).toEqual([]);
  expect(second.output()).not.toMatch(/swordfish|osprey/u);
  expect(second.output()).not.toContain("heron");
});
