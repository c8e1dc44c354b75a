import { expect, test } from "vitest";

import { startBot, type BotProcess } from "../support/bot-process.ts";
import { startOpenAiStandIn } from "../support/openai/openai-stand-in.ts";
import { says } from "../support/openai/script.ts";
import { elementsIn, type ShownElement } from "../support/slack/shown-actions.ts";
import { markdownOf, type SlackMessage } from "../support/slack/slack-messages.ts";
import { startSlackStandIn } from "../support/slack/slack-stand-in.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const patiently = { timeout: 60_000, interval: 20 };
const labels = ["Regenerate", "👍", "👎"];

/** A bot whose answers to "long" questions take two posts. */
async function openBot() {
  const opened = new AsyncDisposableStack();
  const folder = opened.use(temporaryFolder());
  const slack = opened.use(await startSlackStandIn());
  slack.addChannel("C1", { members: ["UBOT", "U1", "U2"] });
  const model = opened.use(
    await startOpenAiStandIn({
      respond: ({ messages }) =>
        messages.at(-1)?.text.includes("long") === true ? says("Rain. ".repeat(1_600)) : says("Sun."),
    }),
  );
  const { botToken, signingSecret } = slack.settings;
  const buttonsOf = (post: SlackMessage | undefined): readonly ShownElement[] =>
    elementsIn(post?.blocks ?? []).filter(({ type }) => type !== "overflow");
  return {
    slack,
    labelsOf: (post: SlackMessage | undefined) => buttonsOf(post).map(({ label }) => label),
    /** Resolves to the posts of the finished answer, the last of which has the buttons. */
    ask: async (channel: string, text: string): Promise<readonly SlackMessage[]> => {
      const root = await slack.say({ channel, user: "U1", text, mention: true });
      const last = () => slack.posts(channel, root).at(-1);
      await expect.poll(() => buttonsOf(last()).map(({ label }) => label), patiently).toEqual(labels);
      return slack.posts(channel, root);
    },
    press: async (user: string, label: string, post: SlackMessage | undefined, times = 1) => {
      const found = buttonsOf(post).find((each) => each.label === label);
      const { channel = "", ts: messageTs = "" } = post ?? {};
      const { actionId = "", value = "" } = found ?? {};
      return slack.pressFeedback({ channel, messageTs, user, actionId, value, label, times });
    },
    start: async (): Promise<BotProcess> => {
      const bot = opened.use(
        await startBot({
          OPENAI_BASE_URL: model.baseUrl,
          OPENAI_API_KEY: model.apiKey,
          SLACK_API_URL: slack.apiUrl,
          SLACK_BOT_TOKEN: botToken,
          SLACK_SIGNING_SECRET: signingSecret,
          DATA_DIR: folder.path,
        }),
      );
      slack.deliverTo(`${bot.url}/slack/events`);
      return bot;
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

test("on Slack, thumbs under the last post of an answer count, and a reason that is sent after a kill", async () => {
  await using opened = await openBot();
  const { slack, labelsOf, ask, press } = opened;
  const first = await opened.start();
  const long = await ask("C1", "a long one?");
  expect(long.map(labelsOf)).toEqual([[], labels]);
  const [direct] = await ask("D1", "and here?");
  const told = () => slack.whispers.map((each) => `${each.user} ${markdownOf(each) || each.text}`);
  const modalsOf = (user: string) => slack.views.shown.filter((view) => view.user === user);

  expect(await press("U2", "👍", long[1], 2)).toMatchObject({ isAcked: true });
  await expect.poll(told, patiently).toEqual(["U2 Thanks for the feedback."]);
  expect(await press("U1", "👎", long[1], 2)).toMatchObject({ isAcked: true });
  expect(await press("U1", "👎", direct)).toMatchObject({ isAcked: true });
  await expect.poll(() => modalsOf("U1"), patiently).toHaveLength(2);
  await first.kill();

  const second = await opened.start();
  // The reason, and then the same from the other form; both close.
  for (const times of [2, 1])
    expect(await slack.submitView("U1", "It snows.", times)).toMatchObject({ isAcked: true });
  expect(modalsOf("U1")).toEqual([]);
  expect(await press("U2", "👎", long[1])).toMatchObject({ isAcked: true });
  await expect.poll(() => modalsOf("U2"), patiently).toHaveLength(1);
  expect(told()).toHaveLength(1);
  expect(slack.posts("C1", long[0]?.threadTs ?? "").map(labelsOf)).toEqual([[], labels]);
  expect(second.output()).not.toContain("It snows");
});
