import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { startBot, type BotProcess, type BotSettings } from "../support/bot-process.ts";
import { DiscordStandIn } from "../support/discord/discord-stand-in.ts";
import { toldIn } from "../support/discord/waits.ts";
import { filesIn } from "../support/every-byte.ts";
import { pngFile } from "../support/files/image-files.ts";
import { startOpenAiStandIn } from "../support/openai/openai-stand-in.ts";
import { callOf, says, streams } from "../support/openai/script.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { connectWeb } from "../support/web/web-client.ts";

const patiently = { timeout: 60_000, interval: 20 };
const image = pngFile(64, 48);

/** A provider that answers, and draws what it is asked to draw. */
async function openProvider() {
  const opened = new AsyncDisposableStack();
  const folder = opened.use(temporaryFolder());
  const openai = opened.use(
    await startOpenAiStandIn({
      respond: ({ messages, results }) =>
        messages.at(-1)?.text.includes("draw") === true && results.length === 0
          ? streams([{ call: callOf("make_image", { description: "a fox in the snow" }) }], "complete")
          : says("Here you are."),
    }),
  );
  openai.makeImagesWith(() => ({ kind: "image", bytes: image }));
  const settings: BotSettings = {
    OPENAI_BASE_URL: openai.baseUrl,
    OPENAI_API_KEY: openai.apiKey,
    OPENAI_IMAGE_MODEL: "gpt-image-2.6-flare",
    DATA_DIR: folder.path,
  };
  return { openai, settings, folder: folder.path, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

async function bytesAt(url: string, cookie: string): Promise<Buffer> {
  const response = await fetch(url, { headers: { cookie } });
  return Buffer.from(await response.arrayBuffer());
}

describe("one bot", () => {
  const opened = new AsyncDisposableStack();
  let provider: Awaited<ReturnType<typeof openProvider>>;
  let discord: DiscordStandIn;
  let bot: BotProcess;
  beforeAll(async () => {
    provider = opened.use(await openProvider());
    discord = opened.use(new DiscordStandIn());
    await discord.listen(0);
    const onDiscord = { DISCORD_TOKEN: discord.token, DISCORD_API_URL: discord.apiUrl };
    bot = opened.use(await startBot({ ...provider.settings, ...onDiscord }));
  });
  afterAll(() => opened.disposeAsync());

  test.each([
    [
      "the command",
      { type: "command", id: "q1", conversation: "talk", name: "imagine", argument: "a fox in the snow" },
    ],
    ["the model", { type: "say", id: "q1", conversation: "talk", text: "draw a fox" }],
  ])(
    "the web chat shows the image of %s, also after a reload, until its question is deleted",
    async (_, order) => {
      const before = provider.openai.imageOrders.length;
      await using page = await connectWeb(bot.url);
      const { commands } = await page.until("welcome");
      expect(commands.map(({ name }) => name)).toContain("imagine");
      page.send(order);
      const { files: [shown] = [] } = await page.until("done");
      expect(shown).toMatchObject({ name: "image-1.png", mediaType: "image/png", width: 64, height: 48 });
      expect(await bytesAt(`${bot.url}/${shown?.url}`, page.cookie)).toEqual(image);
      expect(provider.openai.imageOrders).toHaveLength(before + 1);

      await using reloaded = await connectWeb(bot.url, { cookie: page.cookie });
      reloaded.send({ type: "open", conversation: "talk" });
      const { messages } = await reloaded.until("history");
      expect(messages.at(-1)?.files).toEqual([shown]);
      const [question] = messages;
      reloaded.send({ type: "delete", id: "d1", conversation: "talk", message: question?.id ?? "" });
      const gone = async (): Promise<boolean> => !filesIn(provider.folder).includes(image.toString("latin1"));
      await expect.poll(gone, patiently).toBe(true);
      expect((await fetch(`${bot.url}/${shown?.url}`, { headers: { cookie: page.cookie } })).status).toBe(
        404,
      );
    },
  );

  test("a slash command on Discord posts its image once, in the channel", async () => {
    const before = provider.openai.imageOrders.length;
    const channel = discord.addChannel().id;
    const asked = discord.slash({ channel, user: "Ada", name: "imagine", text: { description: "a fox" } });
    const posts = () =>
      [...discord.world.messages.values()].filter(
        ({ versions }) => (versions.at(-1)?.files ?? []).length > 0,
      );
    await expect.poll(() => posts().length, patiently).toBe(1);
    await expect.poll(() => toldIn(asked), patiently).toBe("Posted for everyone here.");
    expect(posts()[0]?.versions.at(-1)?.content).toBe("a fox");
    expect(posts()[0]?.versions.at(-1)?.files).toMatchObject([{ name: "image-1.png" }]);
    expect(provider.openai.imageOrders).toHaveLength(before + 1);
    expect(bot.output()).not.toContain("a fox");
  });
});

test("without the setting, nothing offers images", async () => {
  await using provider = await openProvider();
  const { OPENAI_IMAGE_MODEL: _, ...settings } = provider.settings;
  await using bot = await startBot(settings);
  await using page = await connectWeb(bot.url);
  const { commands } = await page.until("welcome");
  expect(commands.map(({ name }) => name)).not.toContain("imagine");
  page.send({ type: "say", id: "q1", conversation: "talk", text: "hello" });
  await page.until("done");
  expect(JSON.stringify(provider.openai.requests)).not.toContain("make_image");
});
