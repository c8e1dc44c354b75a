import { describe, expect, test } from "vitest";

import { startBot } from "../support/bot-process.ts";
import { DiscordStandIn } from "../support/discord/discord-stand-in.ts";
import { pngFile } from "../support/files/image-files.ts";
import { startOpenAiStandIn } from "../support/openai/openai-stand-in.ts";
import { says } from "../support/openai/script.ts";
import { startSlackStandIn } from "../support/slack/slack-stand-in.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const patiently = { timeout: 60_000, interval: 20 };
const bytes = pngFile(40, 30);

async function openSlack() {
  const slack = await startSlackStandIn();
  slack.addPerson("U1", "Ada");
  slack.files.set("F1", { id: "F1", name: "bird.png", mimetype: "image/png", bytes });
  let asked = "";
  return {
    settings: {
      SLACK_API_URL: slack.apiUrl,
      SLACK_BOT_TOKEN: slack.settings.botToken,
      SLACK_APP_TOKEN: slack.settings.appToken,
    },
    ask: async () => {
      const files = [{ id: "F1", name: "bird.png" }];
      asked = await slack.say({ channel: "D1", user: "U1", text: "What is it?", files });
    },
    askAgain: async () =>
      void (await slack.say({ channel: "D1", user: "U1", text: "And now?", threadTs: asked })),
    [Symbol.asyncDispose]: () => slack[Symbol.asyncDispose](),
  };
}

async function openDiscord() {
  const discord = new DiscordStandIn();
  await discord.listen(0);
  discord.world.files.set("77", { bytes, signature: 0 });
  const attachments = [
    { id: "77", filename: "bird.png", size: bytes.length, content_type: "image/png", url: "x" },
  ];
  const channel = discord.directWith("Ada");
  return {
    settings: { DISCORD_TOKEN: discord.token, DISCORD_API_URL: discord.apiUrl },
    ask: async () => void discord.say({ channel, user: "Ada", text: "What is it?", attachments }),
    askAgain: async () => void discord.say({ channel, user: "Ada", text: "And now?" }),
    [Symbol.asyncDispose]: () => discord[Symbol.asyncDispose](),
  };
}

describe.each([
  ["Slack", openSlack],
  ["Discord", openDiscord],
] as const)("an image on %s", (_platform, open) => {
  test("is seen with its question, described once, and then known by its description", async () => {
    using folder = temporaryFolder();
    await using model = await startOpenAiStandIn({
      respond: ({ messages }) =>
        says(messages.at(-1)?.text.includes("Describe it now.") === true ? "A grey heron." : "I see."),
    });
    await using chat = await open();
    await using bot = await startBot({
      OPENAI_BASE_URL: model.baseUrl,
      OPENAI_API_KEY: model.apiKey,
      DATA_DIR: folder.path,
      ...chat.settings,
    });
    await chat.ask();
    await expect.poll(() => model.requests.length, patiently).toBe(2);
    const shown = model.requests.map(({ images }) =>
      images.map((image) => Buffer.from(image.bytes).equals(bytes)),
    );
    expect(shown).toEqual([[true], [true]]);
    await expect
      .poll(
        async () => {
          await chat.askAgain();
          return model.requests
            .at(-1)
            ?.messages.map(({ text }) => text)
            .join("\n");
        },
        { ...patiently, interval: 500 },
      )
      .toContain(
        "What is it?\n[image bird.png, described by the model]\nA grey heron.\n[end of the description]",
      );
    expect(model.requests.slice(2).flatMap(({ images }) => images)).toEqual([]);
    expect(bot.output()).not.toContain("heron");
  });
});
