import { expect, test } from "vitest";

import { startBot } from "../support/bot-process.ts";
import { elementsIn } from "../support/slack/shown-actions.ts";
import { markdownOf } from "../support/slack/slack-messages.ts";
import { startSlackStandIn } from "../support/slack/slack-stand-in.ts";
import { startMarkedModel } from "../support/stages/marked-model.ts";
import { endMark } from "../support/stages/stage.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const patiently = { timeout: 60_000, interval: 20 };

test("an acknowledged press survives a kill, and gets one private answer", async () => {
  await using model = await startMarkedModel();
  await using slack = await startSlackStandIn();
  slack.addChannel("C1", { members: ["UBOT", "U1", "U2"] });
  using folder = temporaryFolder();
  const { botToken, appToken } = slack.settings;
  const settings = {
    ...model.settings,
    SLACK_API_URL: slack.apiUrl,
    SLACK_BOT_TOKEN: botToken,
    SLACK_APP_TOKEN: appToken,
    DATA_DIR: folder.path,
  };
  let bot = await startBot(settings);
  await using stack = new AsyncDisposableStack();
  stack.defer(() => bot[Symbol.asyncDispose]());

  const root = await slack.say({ channel: "C1", user: "U1", text: "The roof leaks", mention: true });
  const answer = () => slack.posts("C1", root)[0];
  const menu = () => elementsIn(answer()?.blocks ?? []).find(({ type }) => type === "overflow");
  await expect.poll(() => menu()?.actionId, patiently).toBeDefined();
  const [messageTs = "", actionId = ""] = [answer()?.ts, menu()?.actionId];
  const press = async (value: string, times = 1) =>
    slack.press({ channel: "C1", user: "U2", actionId, value, messageTs, times });
  const told = () => slack.whispers.map((each) => markdownOf(each) || each.text);

  model.hold();
  const asked = model.requests.length;
  expect(await press("summary", 2)).toMatchObject({ isAcked: true });
  await expect.poll(() => model.requests.length, patiently).toBe(asked + 1);
  await bot.kill();
  model.letGo();
  bot = await startBot(settings);
  await expect.poll(() => told().join("\n"), patiently).toContain(endMark);
  const unknown = { channel: "C1", user: "U2", messageTs, actionId: "threadkeeper_press_0" };
  const dance = await slack.pressButton({ ...unknown, value: '{"action":"dance","on":"t1"}' });
  expect(dance).toMatchObject({ isAcked: true });
  await press("reset");
  await expect.poll(() => told().length, patiently).toBe(2);
  expect(slack.whispers.map(({ user, via }) => `${user} ${via}`)).toEqual([
    "U2 response_url",
    "U2 response_url",
  ]);
  expect(told().filter((text) => text.includes(endMark))).toHaveLength(1);
  // Once before the kill, and once after it.
  expect(model.requests).toHaveLength(asked + 2);
  expect(slack.posts("C1", root)).toHaveLength(1);
});
