import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";

import { expect, test } from "vitest";

import { startBot } from "../support/bot-process.ts";
import { DiscordStandIn } from "../support/discord/discord-stand-in.ts";
import { toldIn } from "../support/discord/waits.ts";
import { startMarkedModel } from "../support/stages/marked-model.ts";
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
  const press = discord.pressButton({ channel, user: "Ana", customId });
  await expect.poll(() => press.callbacks, patiently).toHaveLength(1);
  await first.kill();

  await using second = await startBot(settings);
  await expect.poll(() => toldIn(press), patiently).toMatch(/Done\. I deleted 1 of your messages/u);
  expect(conversationsIn(folder.path).filter((key) => key.includes(channel))).toEqual([]);
  expect(discord.posts(channel)).toEqual([]);
  expect(model.requests).toHaveLength(1);
  expect(second.output()).not.toContain("heron");
});
