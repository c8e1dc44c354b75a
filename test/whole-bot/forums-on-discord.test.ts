import { expect, test } from "vitest";

import { startBot } from "../support/bot-process.ts";
import { DiscordStandIn } from "../support/discord/discord-stand-in.ts";
import { startMarkedModel } from "../support/stages/marked-model.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const patiently = { timeout: 60_000, interval: 20 };

test("in a forum's post, the model knows its title, tags and first message as they are by now, and people learn of a lock", async () => {
  using folder = temporaryFolder();
  await using model = await startMarkedModel();
  await using discord = new DiscordStandIn();
  await discord.listen(0);
  const tags = [{ id: "71", name: "bug" }];
  const forum = discord.addChannel({ type: 15, name: "help", tags }).id;
  const post = discord.openPost(forum, { user: "Ana", text: "It stops at 90 %", name: "Export hangs", tags });
  await using bot = await startBot({
    ...model.settings,
    DISCORD_TOKEN: discord.token,
    DISCORD_API_URL: discord.apiUrl,
    DATA_DIR: folder.path,
  });
  const ask = async (text: string, count: number): Promise<string> => {
    discord.say({ channel: post, user: "Bo", text, mention: true });
    await expect.poll(() => model.requests.length, patiently).toBe(count);
    await expect.poll(() => discord.posts(post).length, patiently).toBe(count);
    return model.requests[count - 1]?.messages.map(({ text: each }) => each).join("\n") ?? "";
  };
  expect(await ask("why is that?", 1)).toMatch(
    /Ana: \[post: Export hangs; tags: bug\]\n.*It stops at 90 %.*Bo: why/su,
  );

  discord.retitle(post, { name: "Import hangs" });
  discord.edit(post, "It stops at 80 %");
  const later = await ask("and now?", 2);
  expect(later).toContain("[post: Import hangs; tags: bug]");
  expect(later).toContain("It stops at 80 %");
  expect(later).not.toMatch(/Export hangs|90 %/u);

  discord.delete(post);
  expect(await ask("still?", 3)).not.toMatch(/Import hangs|80 %/u);

  discord.restrict(post, { isLocked: true });
  discord.say({ channel: post, user: "Bo", text: "hello?", mention: true });
  const told = () => discord.posts(discord.directWith("Bo")).map(({ content }) => content);
  await expect.poll(told, patiently).toEqual([expect.stringContaining("the thread is locked")]);
  expect(bot.output()).not.toContain("It stops");
});
