import { describe, expect, test } from "vitest";
import { z } from "zod";

import { startBot } from "../support/bot-process.ts";
import { DiscordStandIn } from "../support/discord/discord-stand-in.ts";
import { filesIn } from "../support/every-byte.ts";
import { mp4File, oggFile, webmFile } from "../support/files/audio-files.ts";
import { openStoresOfBot } from "../support/open-stores-of-bot.ts";
import { postgresIsMissing } from "../support/postgres-database.ts";
import { redisIsMissing } from "../support/redis-server.ts";
import { startSlackStandIn } from "../support/slack/slack-stand-in.ts";
import { startMarkedModel } from "../support/stages/marked-model.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { connectWeb } from "../support/web/web-client.ts";

const patiently = { timeout: 60_000, interval: 20 };
/** In the bytes of each recording. */
const sound = "spoken words";
const uploaded = z.object({ id: z.string() });
const said = "The code is swordfish4711";

/** A clip as Slack's apps record it: no picture, a media type of films, and Slack's own transcript at once or later. */
async function openSlack() {
  const slack = await startSlackStandIn();
  slack.addPerson("U1", "Ada");
  const clip = { id: "F1", name: "audio_message.mp4", mimetype: "video/mp4" };
  slack.files.set("F1", { ...clip, bytes: mp4File() });
  const event = { ...clip, mode: "hosted", subtype: "slack_audio" };
  let asked = "";
  return {
    settings: {
      SLACK_API_URL: slack.apiUrl,
      SLACK_BOT_TOKEN: slack.settings.botToken,
      SLACK_APP_TOKEN: slack.settings.appToken,
    },
    speak: async (heardByPlatform = "") => {
      const status = heardByPlatform === "" ? "processing" : "complete";
      const transcription = { status, preview: { content: heardByPlatform, has_more: false } };
      const files = [{ ...event, transcription: heardByPlatform === "" ? { status } : transcription }];
      asked = await slack.say({ channel: "D1", user: "U1", text: "", files });
    },
    ask: async (text: string) => void (await slack.say({ channel: "D1", user: "U1", text, threadTs: asked })),
    remove: () => slack.delete("D1", asked),
    shown: () =>
      slack
        .posts("D1", asked)
        .map(({ text, blocks }) => text + JSON.stringify(blocks))
        .join("\n"),
    [Symbol.asyncDispose]: () => slack[Symbol.asyncDispose](),
  };
}

async function openDiscord() {
  const discord = new DiscordStandIn();
  await discord.listen(0);
  const bytes = oggFile(sound);
  discord.world.files.set("77", { bytes, signature: 0 });
  const file = { id: "77", filename: "voice-message.ogg", size: bytes.length, content_type: "audio/ogg" };
  const attachments = [{ ...file, url: "x", duration_secs: 2.4, waveform: "AAA=" }];
  const channel = discord.directWith("Ada");
  let asked = "";
  return {
    settings: { DISCORD_TOKEN: discord.token, DISCORD_API_URL: discord.apiUrl },
    speak: async () =>
      void (asked = discord.say({ channel, user: "Ada", text: "", attachments, extra: { flags: 1 << 13 } })),
    ask: async (text: string) => void discord.say({ channel, user: "Ada", text }),
    remove: async () => discord.delete(asked),
    shown: () =>
      [...discord.world.messages.values()].map(({ versions }) => versions.at(-1)?.content ?? "").join("\n"),
    [Symbol.asyncDispose]: () => discord[Symbol.asyncDispose](),
  };
}

describe.each([
  ["Slack", openSlack, "audio_message.mp4", "Redis and Postgres"],
  ["Discord", openDiscord, "voice-message.ogg", "embedded"],
] as const)("a voice message on %s", (_platform, open, name, kind) => {
  test.skipIf(kind !== "embedded" && (postgresIsMissing ?? redisIsMissing))(
    `is heard and answered; its sound is kept nowhere, and its words go with it: ${kind}`,
    async () => {
      await using stores = await openStoresOfBot(kind);
      await using model = await startMarkedModel();
      model.transcribeWith(() => ({ kind: "transcript", text: said }));
      await using chat = await open();
      const prompts = (): readonly string[] =>
        model.requests.map(({ messages }) => messages.map(({ text }) => text).join("\n"));
      const settings = { ...model.settings, ...chat.settings, OPENAI_AUDIO_MODEL: "gpt-transcribe" };
      await using bot = await startBot({ ...settings, ...stores.settings });
      await chat.speak("The cord is sword fish");
      await expect.poll(chat.shown, patiently).toContain("You said: ");
      expect(chat.shown()).toContain(`🎤 ${said}`);
      expect(prompts().at(-1)).toContain(`[spoken in the file ${name}]\n${said}\n[end of the file]`);
      expect(prompts().at(-1)).not.toContain("sword fish");
      expect(model.transcriptions.map(({ file }) => file.bytes.includes(sound))).toEqual([true]);
      expect(await stores.everything()).not.toContain(sound);
      await chat.ask("Which code?");
      await expect.poll(() => prompts().length, patiently).toBe(2);
      expect(prompts().at(-1)).toContain(said);
      expect(prompts().at(-1)).not.toContain("🎤");
      await chat.remove();
      await chat.ask("And now?");
      await expect.poll(() => prompts().length, patiently).toBe(3);
      expect(prompts().at(-1)).not.toContain("swordfish");
      await expect.poll(async () => (await stores.everything()).includes("swordfish"), patiently).toBe(false);
      expect(bot.output()).not.toContain("swordfish");
    },
  );
});

test("a voice message is named as not heard where no model listens", async () => {
  using folder = temporaryFolder();
  await using model = await startMarkedModel();
  await using chat = await openDiscord();
  await using _ = await startBot({ ...model.settings, ...chat.settings, DATA_DIR: folder.path });
  await chat.speak();
  await expect.poll(chat.shown, patiently).toContain("I can't listen to recordings here");
  expect(model.transcriptions).toEqual([]);
  expect(filesIn(folder.path)).not.toContain(sound);
});

test("a recording in the web chat is heard and answered, and the page has it no longer", async () => {
  using folder = temporaryFolder();
  await using model = await startMarkedModel();
  model.transcribeWith(() => ({ kind: "transcript", text: said }));
  const settings = { ...model.settings, OPENAI_AUDIO_MODEL: "gpt-transcribe", DATA_DIR: folder.path };
  await using bot = await startBot(settings);
  await using page = await connectWeb(bot.url);
  const query = new URLSearchParams({ conversation: "c1", name: "recording.webm" });
  const sent = await fetch(`${bot.url}/chat/files?${query}`, {
    method: "POST",
    headers: { "content-type": "audio/webm", cookie: page.cookie },
    body: webmFile(),
  });
  const { id } = uploaded.parse(await sent.json());
  expect(filesIn(folder.path)).toContain(sound);
  page.send({ type: "say", id: "m1", conversation: "c1", text: "", files: [id] });
  await page.until("done");
  page.send({ type: "open", conversation: "c1" });
  const { messages } = await page.until("history");
  expect(messages.at(-1)?.text).toContain(`> 🎤 ${said}\n\nYou said: `);
  expect(messages[0]?.files).toEqual([
    { name: "recording.webm", mediaType: "audio/webm", bytes: webmFile().length },
  ]);
  expect(filesIn(folder.path)).not.toContain(sound);
});
