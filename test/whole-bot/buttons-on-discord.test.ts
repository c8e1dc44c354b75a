import { expect, test } from "vitest";

import { startBot, type BotProcess } from "../support/bot-process.ts";
import { DiscordStandIn } from "../support/discord/discord-stand-in.ts";
import type { Interaction } from "../support/discord/world.ts";
import { feedbackIn } from "../support/feedback-in.ts";
import { startOpenAiStandIn } from "../support/openai/openai-stand-in.ts";
import { says } from "../support/openai/script.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const patiently = { timeout: 60_000, interval: 20 };
const labels = ["Regenerate", "👍", "👎"];
const thanks = { type: 4, data: { content: "Thanks for the feedback.", flags: 68 } };

/** A bot whose answers to "long" questions take three posts. */
async function openBot() {
  const opened = new AsyncDisposableStack();
  const folder = opened.use(temporaryFolder());
  const discord = opened.use(new DiscordStandIn());
  await discord.listen(0);
  const model = opened.use(
    await startOpenAiStandIn({
      respond: ({ messages }) =>
        messages.at(-1)?.text.includes("long") === true ? says("Rain. ".repeat(700)) : says("Sun."),
    }),
  );
  const posts = (channel: string) => discord.posts(channel).filter(({ isDeleted }) => !isDeleted);
  return {
    discord,
    posts,
    /** Resolves to the id of the post under which the buttons stand. */
    ask: async (channel: string, text: string): Promise<string> => {
      const id = discord.say({ channel, user: "Ana", text, mention: true });
      const last = () => posts(discord.world.channels.has(id) ? id : channel).at(-1);
      await expect
        .poll(() => [last()?.buttons, Number(last()?.id) > Number(id)], patiently)
        .toEqual([labels, true]);
      return last()?.id ?? "";
    },
    responseTo: async (interaction: Interaction) => {
      await expect.poll(() => interaction.callbacks, patiently).toHaveLength(1);
      return interaction.callbacks[0];
    },
    start: async (): Promise<BotProcess> =>
      opened.use(
        await startBot({
          OPENAI_BASE_URL: model.baseUrl,
          OPENAI_API_KEY: model.apiKey,
          DISCORD_TOKEN: discord.token,
          DISCORD_API_URL: discord.apiUrl,
          DATA_DIR: folder.path,
        }),
      ),
    /** What the archive has of it. */
    feedback: () => feedbackIn(folder.path),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

test("on Discord, thumbs under the last post of an answer are answered, and a reason that is sent after a kill", async () => {
  await using opened = await openBot();
  const { discord, posts, ask, responseTo } = opened;
  const first = await opened.start();
  const message = await ask(discord.channel, "long one?");
  const thread = discord.world.messages.get(message)?.channel ?? "";
  expect(posts(thread).map(({ buttons }) => buttons)).toEqual([[], [], labels]);
  const direct = await ask(discord.directWith("Ana"), "and here?");

  const press = (user: string, label: string, under = message) =>
    discord.pressUnder({ message: under, user, label });
  expect(await responseTo(press("Bo", "👍"))).toMatchObject(thanks);
  const clicks = [press("Ana", "👎"), press("Ana", "👎"), press("Ana", "👎", direct)];
  for (const click of clicks) expect(await responseTo(click)).toMatchObject({ type: 9 });
  await first.kill();

  const second = await opened.start();
  for (const click of clicks)
    expect(await responseTo(discord.submitForm(click, "It snows."))).toMatchObject(thanks);
  expect(await responseTo(press("Bo", "👎"))).toMatchObject({ type: 9 });
  expect(posts(thread).at(-1)?.buttons).toEqual(labels);
  const reasons = ["down -", "down It snows.", "down It snows."];
  await expect.poll(opened.feedback, patiently).toEqual(reasons);
  expect(second.output()).not.toContain("It snows");
});
