import { expect, test } from "vitest";

import { startBot } from "../support/bot-process.ts";
import { DiscordStandIn } from "../support/discord/discord-stand-in.ts";
import { startMarkedModel } from "../support/stages/marked-model.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const patiently = { timeout: 60_000, interval: 20 };

test("on Discord, the model sees messages that people reply to and posts of other bots, until they are deleted", async () => {
  using folder = temporaryFolder();
  await using model = await startMarkedModel();
  await using discord = new DiscordStandIn();
  await discord.listen(0);
  await using bot = await startBot({
    ...model.settings,
    DISCORD_TOKEN: discord.token,
    DISCORD_API_URL: discord.apiUrl,
    DATA_DIR: folder.path,
  });
  const { channel } = discord;
  /** What the model is asked next, in one text. */
  const askedBy = async (act: () => unknown): Promise<string> => {
    const before = model.requests.length;
    act();
    await expect.poll(() => model.requests.length, patiently).toBeGreaterThan(before);
    return model.requests[before]?.messages.map(({ text }) => text).join("\n") ?? "";
  };
  const ask = (text: string, where: object = {}) =>
    askedBy(() => discord.say({ channel, user: "Ana", text, mention: true, ...where }));

  // A reply to another person's message.
  const bos = discord.say({ channel, user: "Bo", text: "Release 6.1 slips to 12 May" });
  expect(await ask("what does this mean?", { replyTo: bos })).toMatch(
    /Bo: Release 6.1 slips to 12 May\n.*Ana: what does this mean\?/su,
  );
  // The thread, once it is open, begins with another message by her.
  const first = [...discord.world.messages.values()].find(({ author }) => author.name === "Ana")?.id ?? "";
  expect(await ask("", { replyTo: bos, user: "Cy" })).toContain("Bo: Release 6.1 slips to 12 May");

  // Another bot posts where the conversation goes on, and the person needs no mention.
  await expect.poll(() => discord.world.channels.has(first), patiently).toBe(true);
  const failed = { title: "Build 91 failed", fields: [{ name: "Step", value: "migrate" }] };
  const hook = { webhook_id: "900", embeds: [failed] };
  discord.say({ channel: first, user: "CI", isBot: true, text: "", extra: hook });
  const why = await askedBy(() => discord.say({ channel: first, user: "Ana", text: "why did it fail?" }));
  expect(why).toContain("CI (app): Build 91 failed\nStep: migrate");
  expect(why).toContain("Bo: Release 6.1");

  // A mention that comes with an edit, in the channel and in the thread of two people.
  const late = discord.say({ channel, user: "Ana", text: "when is lunch?" });
  expect(await askedBy(() => discord.edit(late, `<@${discord.botId}> when is lunch?`))).toContain(
    "Ana: when is lunch?",
  );
  discord.say({ channel: first, user: "Di", text: "no idea" });
  const later = discord.say({ channel: first, user: "Ana", text: "who owns it?" });
  expect(await askedBy(() => discord.edit(later, `<@${discord.botId}> who owns it?`))).toMatch(
    /Di: no idea\n.*Ana: who owns it\?/su,
  );

  // What was quoted goes with the original, from both conversations.
  discord.delete(bos);
  const again = () => ask("and now?", { channel: first });
  await expect.poll(again, patiently).not.toContain("Release 6.1");
  expect(bot.output()).not.toContain("Release 6.1");
});
