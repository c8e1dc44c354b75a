import { expect, test } from "vitest";

import { startBot } from "../support/bot-process.ts";
import { markdownOf } from "../support/slack/slack-messages.ts";
import { startSlackStandIn } from "../support/slack/slack-stand-in.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { startOpenAiStandIn } from "../support/openai/openai-stand-in.ts";
import { says } from "../support/openai/script.ts";

const patiently = { timeout: 60_000, interval: 20 };

test("an answer that an admin deletes on Slack leaves later prompts, and nothing is asked again", async () => {
  using folder = temporaryFolder();
  await using openai = await startOpenAiStandIn({
    respond: ({ messages }) =>
      says(messages.at(-1)?.text.includes("code") === true ? "It is quince4711." : "Hello."),
  });
  await using slack = await startSlackStandIn();
  const { botToken, signingSecret } = slack.settings;
  await using bot = await startBot({
    SLACK_API_URL: slack.apiUrl,
    SLACK_BOT_TOKEN: botToken,
    SLACK_SIGNING_SECRET: signingSecret,
    OPENAI_BASE_URL: openai.baseUrl,
    OPENAI_API_KEY: openai.apiKey,
    DATA_DIR: folder.path,
  });
  slack.deliverTo(`${bot.url}/slack/events`);
  const channel = "C1";
  const root = await slack.say({ channel, user: "UADA", text: "what is the code?", mention: true });
  const posts = () => slack.posts(channel, root).filter(({ isDeleted }) => !isDeleted);
  const say = (text: string) => slack.say({ channel, user: "UADA", text, threadTs: root, mention: true });
  const isFinished = () => bot.log.filter(({ msg }) => msg === "turn finished").length;
  await expect.poll(isFinished, patiently).toBe(1);
  expect(posts().map(markdownOf)).toEqual(["It is quince4711."]);
  await slack.delete(channel, posts()[0]?.ts ?? "");
  await say("hello");
  await expect.poll(isFinished, patiently).toBe(2);
  expect(posts().map(markdownOf)).toEqual(["Hello."]);
  expect(openai.requests).toHaveLength(2);
  expect(JSON.stringify(openai.requests.at(-1)?.messages)).not.toContain("quince4711");
});
