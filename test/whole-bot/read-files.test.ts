import { describe, expect, test } from "vitest";

import { startBot } from "../support/bot-process.ts";
import { DiscordStandIn } from "../support/discord/discord-stand-in.ts";
import { docxFile, paragraph } from "../support/files/office-files.ts";
import { pdfFile } from "../support/files/pdf-file.ts";
import { postgresIsMissing } from "../support/postgres-database.ts";
import { openStoresOfBot } from "../support/open-stores-of-bot.ts";
import { redisIsMissing } from "../support/redis-server.ts";
import { startSlackStandIn } from "../support/slack/slack-stand-in.ts";
import { startMarkedModel } from "../support/stages/marked-model.ts";

const patiently = { timeout: 60_000, interval: 20 };
const secret = "swordfish4711";
const docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

async function openSlack() {
  const slack = await startSlackStandIn();
  slack.addPerson("U1", "Ada");
  const bytes = docxFile(paragraph(`The code is ${secret}.`));
  slack.files.set("F1", { id: "F1", name: "plan.docx", mimetype: docx, bytes });
  slack.files.set("F2", {
    id: "F2",
    name: "old.doc",
    mimetype: "application/msword",
    bytes: bytes.subarray(0, 60),
  });
  const files = [...slack.files.values()].map(({ id, name }) => ({ id, name }));
  let asked = "";
  return {
    settings: {
      SLACK_API_URL: slack.apiUrl,
      SLACK_BOT_TOKEN: slack.settings.botToken,
      SLACK_APP_TOKEN: slack.settings.appToken,
    },
    ask: async () =>
      void (asked = await slack.say({ channel: "D1", user: "U1", text: "What is it?", files })),
    askAgain: async () =>
      void (await slack.say({ channel: "D1", user: "U1", text: "And now?", threadTs: asked })),
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
  const pdf = pdfFile([[`The code is ${secret}.`]]);
  discord.world.files.set("77", { bytes: pdf, signature: 0 });
  discord.world.files.set("78", { bytes: pdf.subarray(0, 60), signature: 0 });
  const attachments = [
    { id: "77", filename: "plan.pdf", size: pdf.length, content_type: "application/pdf", url: "x" },
    { id: "78", filename: "old.doc", size: 60, content_type: "application/msword", url: "x" },
  ];
  const channel = discord.directWith("Ada");
  const say = (text: string, more = {}) => discord.say({ channel, user: "Ada", text, ...more });
  let asked = "";
  return {
    settings: { DISCORD_TOKEN: discord.token, DISCORD_API_URL: discord.apiUrl },
    ask: async () => void (asked = say("What is it?", { attachments })),
    askAgain: async () => void say("And now?"),
    remove: async () => discord.delete(asked),
    shown: () =>
      [...discord.world.messages.values()].map(({ versions }) => versions.at(-1)?.content ?? "").join("\n"),
    [Symbol.asyncDispose]: () => discord[Symbol.asyncDispose](),
  };
}

describe.each([
  ["Slack", openSlack, "embedded"],
  ["Discord", openDiscord, "Redis and Postgres"],
] as const)("a file on %s", (_platform, open, kind) => {
  test.skipIf(kind !== "embedded" && (postgresIsMissing ?? redisIsMissing))(
    `is read, remembered, and gone from everywhere with its message: ${kind}`,
    async () => {
      await using stores = await openStoresOfBot(kind);
      await using model = await startMarkedModel();
      await using chat = await open();
      const prompts = (): readonly string[] =>
        model.requests.map(({ messages }) => messages.map(({ text }) => text).join("\n"));
      await using bot = await startBot({ ...model.settings, ...stores.settings, ...chat.settings });
      await chat.ask();
      await expect.poll(chat.shown, patiently).toContain("couldn't read `old.doc`");
      expect(prompts().at(-1)).toContain(`The code is ${secret}.`);
      await chat.askAgain();
      await expect.poll(() => prompts().length, patiently).toBe(2);
      expect(prompts().at(-1)).toContain(`The code is ${secret}.`);
      await chat.remove();
      await chat.askAgain();
      await expect.poll(() => prompts().length, patiently).toBe(3);
      expect(prompts().at(-1)).not.toContain(secret);
      await expect.poll(async () => (await stores.everything()).includes(secret), patiently).toBe(false);
      expect(bot.output()).not.toContain(secret);
    },
  );
});
