import { expect, test } from "vitest";

import { startBot } from "../support/bot-process.ts";
import { DiscordStandIn } from "../support/discord/discord-stand-in.ts";
import { toldIn } from "../support/discord/waits.ts";
import { startMarkedModel } from "../support/stages/marked-model.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const patiently = { timeout: 60_000, interval: 20 };

test("without the Message Content intent, the bot answers who mentions it, and knows nothing of the rest", async () => {
  using folder = temporaryFolder();
  await using model = await startMarkedModel();
  await using discord = new DiscordStandIn();
  await discord.listen(0);
  discord.gateway.isContentAllowed = false;
  await using bot = await startBot({
    ...model.settings,
    DISCORD_TOKEN: discord.token,
    DISCORD_API_URL: discord.apiUrl,
    DATA_DIR: folder.path,
  });
  const { channel } = discord;
  const warned = bot.log.filter(({ level }) => level === "warn").map(({ msg }) => String(msg));
  expect(warned).toContainEqual(expect.stringContaining("the Message Content intent is off"));

  const thread = discord.say({ channel, user: "Ana", text: "when is lunch?", mention: true });
  const answers = () => discord.posts(thread).map(({ content }) => content);
  await expect
    .poll(() => answers().at(-1), patiently)
    .toMatch(/You said.*\n-# Mention me in each message here/su);

  // Nobody said anything as far as the bot can tell.
  discord.say({ channel: thread, user: "Ana", text: "and dinner?" });
  discord.say({ channel: thread, user: "Ana", text: "are you there?", mention: true });
  await expect.poll(() => model.requests.length, patiently).toBe(2);
  const asked = model.requests[1]?.messages.map(({ text }) => text).join("\n") ?? "";
  expect(asked).toContain("Ana: are you there?");
  expect(asked).toContain("Ana: when is lunch?");
  expect(asked).not.toMatch(/dinner|Ana: \n|Mention me in each/u);
  await expect.poll(() => answers(), patiently).toHaveLength(2);

  const help = discord.slash({ channel, user: "Ana", name: "help" });
  await expect
    .poll(() => toldIn(help), patiently)
    .toContain("Mention me in each message there: I can't read the others.");
  // Each of its buttons has a line beside it.
  const [shown] = help.original.slice(-1);
  expect(JSON.stringify(shown?.components).match(/"accessory":\{[^}]*"label":"[^"]+"/gu)).toHaveLength(3);
});
