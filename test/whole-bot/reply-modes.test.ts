import { expect, test } from "vitest";

import { startBot } from "../support/bot-process.ts";
import { startSlackStandIn } from "../support/slack/slack-stand-in.ts";
import { startMarkedModel } from "../support/stages/marked-model.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { connectWeb } from "../support/web/web-client.ts";

const patiently = { timeout: 60_000, interval: 20 };

/** The program with this reply mode, on Slack and in the web chat. */
async function startIn(replyMode: string) {
  const opened = new AsyncDisposableStack();
  const folder = opened.use(temporaryFolder());
  const model = opened.use(await startMarkedModel());
  const slack = opened.use(await startSlackStandIn());
  slack.addPerson("U1", "Ada");
  const settings = {
    ...model.settings,
    SLACK_API_URL: slack.apiUrl,
    SLACK_BOT_TOKEN: slack.settings.botToken,
    SLACK_APP_TOKEN: slack.settings.appToken,
    DATA_DIR: folder.path,
    REPLY_MODE: replyMode,
  };
  const bot = opened.use(await startBot(settings));
  const asked = () => model.requests.map(({ messages }) => messages.at(-1)?.text ?? "");
  return { bot, slack, asked, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

test("with REPLY_MODE=always, a message that mentions no one is answered in its thread, with names", async () => {
  await using bench = await startIn("always");
  const { slack, asked } = bench;
  const ts = await slack.say({ channel: "C1", user: "U1", text: "Where is the key?" });
  await expect.poll(() => slack.posts("C1", ts).length, patiently).toBe(1);
  await expect.poll(asked, patiently).toEqual([expect.stringContaining("Ada")]);
  await slack.say({ channel: "C1", user: "U1", wire: "<@U1> look" });
  await slack.say({ channel: "C1", user: "U1", text: "And the car?", threadTs: ts });
  await expect.poll(() => slack.posts("C1", ts).length, patiently).toBe(2);
  expect(asked().some((text) => text.includes("look"))).toBe(false);
});

test("with REPLY_MODE=mention, a follow-up waits for a mention", async () => {
  await using bench = await startIn("mention");
  const { slack, asked } = bench;
  const ts = await slack.say({ channel: "C1", user: "U1", text: "Where is the key?", mention: true });
  await expect.poll(() => slack.posts("C1", ts).length, patiently).toBe(1);
  await slack.say({ channel: "C1", user: "U1", text: "I looked everywhere", threadTs: ts });
  await slack.say({ channel: "C1", user: "U1", text: "Well?", threadTs: ts, mention: true });
  await expect.poll(() => slack.posts("C1", ts).length, patiently).toBe(2);
  expect(asked().some((text) => text.endsWith("I looked everywhere"))).toBe(false);
});

test("with REPLY_MODE=off, nothing is answered, the web chat says so, and commands still work", async () => {
  await using bench = await startIn("off");
  const { bot, slack, asked } = bench;
  const ts = await slack.say({ channel: "C1", user: "U1", text: "Where is the key?", mention: true });
  await slack.say({ channel: "D1", user: "U1", text: "Where is the key?" });
  await using page = await connectWeb(bot.url);
  page.send({ type: "say", id: "m1", conversation: "c1", text: "Where is the key?" });
  expect(await page.until("error")).toMatchObject({ id: "m1", code: "switched-off" });
  page.send({ type: "command", id: "m2", conversation: "c1", name: "help", argument: "" });
  expect((await page.until("notice")).text).toContain("/forget");
  expect(page.of("accepted").map(({ id }) => id)).toEqual(["m2"]);
  expect(slack.posts("C1", ts)).toEqual([]);
  expect(asked()).toEqual([]);
});
