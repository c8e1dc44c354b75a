import { expect, test } from "vitest";

import { startBot } from "../support/bot-process.ts";
import { startOpenAiStandIn } from "../support/openai/openai-stand-in.ts";
import { says, streams } from "../support/openai/script.ts";
import { markdownOf } from "../support/slack/slack-messages.ts";
import { startSlackStandIn } from "../support/slack/slack-stand-in.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const patiently = { timeout: 60_000, interval: 20 };

test("a question that was waiting when Slack revoked the token is answered after a restart with a valid one", async () => {
  using folder = temporaryFolder();
  const asking = Promise.withResolvers<void>();
  let isFirst = true;
  await using openai = await startOpenAiStandIn({
    respond: () => {
      if (!isFirst) return says("I am back.");
      isFirst = false;
      return streams([{ say: "Well" }, { hold: asking.promise }, { say: ", here I am." }], "complete");
    },
  });
  await using slack = await startSlackStandIn();
  const { botToken, signingSecret } = slack.settings;
  const settings = {
    SLACK_API_URL: slack.apiUrl,
    SLACK_BOT_TOKEN: botToken,
    SLACK_SIGNING_SECRET: signingSecret,
    OPENAI_BASE_URL: openai.baseUrl,
    OPENAI_API_KEY: openai.apiKey,
    DATA_DIR: folder.path,
    SHUTDOWN_MS: "1000",
  };
  await using bot = await startBot(settings);
  slack.deliverTo(`${bot.url}/slack/events`);
  const ts = await slack.say({ channel: "C1", user: "U1", text: "a question", mention: true });
  const answers = (): readonly string[] =>
    slack
      .posts("C1", ts)
      .filter((post) => !post.isDeleted)
      .map(markdownOf);
  await expect.poll(() => openai.requests.length, patiently).toBe(1);
  slack.revoke(botToken);
  asking.resolve();
  expect(await bot.ended).toBe(1);
  slack.restore(botToken);
  await using again = await startBot(settings);
  slack.deliverTo(`${again.url}/slack/events`);
  await expect
    .poll(answers, patiently)
    .toEqual([expect.stringMatching(/^(?:Well, here I am|I am back)\.$/u)]);
});
