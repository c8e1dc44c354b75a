import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { startBot, type BotProcess } from "../support/bot-process.ts";
import { redisIsMissing, startRedisServer, type RedisServer } from "../support/redis-server.ts";
import { elementsIn } from "../support/slack/shown-actions.ts";
import { markdownOf } from "../support/slack/slack-messages.ts";
import { startSlackStandIn } from "../support/slack/slack-stand-in.ts";
import { startMarkedModel } from "../support/stages/marked-model.ts";
import { endMark } from "../support/stages/stage.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const patiently = { timeout: 60_000, interval: 20 };

/** Slack, a model, and as many bots as a test starts. */
async function openScene(isSocketMode: boolean, more: Readonly<Record<string, string>> = {}) {
  const opened = new AsyncDisposableStack();
  const model = opened.use(await startMarkedModel());
  const slack = opened.use(await startSlackStandIn());
  slack.addChannel("C1", { members: ["UBOT", "U1", "U2"] });
  slack.addPerson("U1", "Ada");
  slack.addPerson("U2", "Bo");
  const folder = opened.use(temporaryFolder());
  const { botToken, appToken, signingSecret } = slack.settings;
  const start = async (dataDir = folder.path): Promise<BotProcess> =>
    opened.use(
      await startBot({
        ...model.settings,
        SLACK_API_URL: slack.apiUrl,
        SLACK_BOT_TOKEN: botToken,
        ...(isSocketMode ? { SLACK_APP_TOKEN: appToken } : { SLACK_SIGNING_SECRET: signingSecret }),
        DATA_DIR: dataDir,
        ...more,
      }),
    );
  const deliverTo = (...bots: readonly BotProcess[]): void => {
    if (!isSocketMode) slack.deliverTo(...bots.map(({ url }) => `${url}/slack/events`));
  };
  /** U1 asks about a message of U2's. */
  const ask = async (messageTs: string, question: string): Promise<void> => {
    await slack.shortcut({ channel: "C1", user: "U1", callbackId: "threadkeeper_ask", messageTs });
    await expect.poll(() => slack.views.shown.length, patiently).toBe(1);
    expect(await slack.submitView("U1", question, 2)).toMatchObject({ isAcked: true });
  };
  const told = () => slack.whispers.map((each) => markdownOf(each) || each.text);
  const notes = () =>
    slack.messages.all.filter(
      ({ botId, channel, threadTs, isDeleted }) =>
        botId !== undefined && channel === "C1" && threadTs === undefined && !isDeleted,
    );
  const join = () =>
    slack.sendEvent({
      type: "member_joined_channel",
      user: slack.settings.botUserId,
      channel: "C1",
      channel_type: "C",
      team: "T1",
      event_ts: "1700000000.000100",
    });
  const disposable = { [Symbol.asyncDispose]: () => opened.disposeAsync() };
  return { model, slack, opened, start, deliverTo, ask, told, notes, join, ...disposable };
}

test("a sent question survives a kill, and its answer can be shown to everyone, in Socket Mode", async () => {
  await using scene = await openScene(true);
  const { model, slack, told } = scene;
  let bot = await scene.start();
  scene.deliverTo(bot);
  const messageTs = await slack.say({ channel: "C1", user: "U2", text: "The launch code is swordfish" });
  model.hold();
  await scene.ask(messageTs, "which code is meant?");
  await expect.poll(() => model.requests.length, patiently).toBe(1);
  await bot.kill();
  model.letGo();
  bot = await scene.start();
  scene.deliverTo(bot);
  await expect.poll(() => told().join("\n"), patiently).toContain(endMark);
  expect(slack.whispers).toMatchObject([{ user: "U1", via: "response_url" }]);
  const prompt = JSON.stringify(model.requests.at(-1)?.messages);
  for (const part of ["Bo: The launch code is swordfish", "Ada: which code is meant?"])
    expect(prompt).toContain(part);
  expect(slack.posts("C1", messageTs)).toEqual([]);

  const [button] = elementsIn(slack.whispers[0]?.blocks ?? []);
  const { actionId = "", value = "" } = button ?? {};
  await slack.pressButton({ channel: "C1", user: "U1", actionId, value, times: 2 });
  await expect.poll(() => slack.posts("C1", messageTs).map(markdownOf).join(), patiently).toContain(endMark);
  expect(slack.posts("C1", messageTs)).toHaveLength(1);
  expect(slack.posts("C1", messageTs).map(markdownOf).join()).toContain("**Ada** asked about");
  expect(model.requests).toHaveLength(2);
  await slack.delete("C1", messageTs);
  await expect
    .poll(() => slack.posts("C1", messageTs).filter(({ isDeleted }) => !isDeleted), patiently)
    .toEqual([]);
});

test("the note where the bot joins stands there once, after a kill and after the same event, over HTTP", async () => {
  await using scene = await openScene(false);
  const { slack, notes } = scene;
  let bot = await scene.start();
  scene.deliverTo(bot);
  slack.fail("chat.postMessage", { kind: "hang" });
  expect(await scene.join()).toMatchObject({ isAcked: true });
  await expect.poll(() => slack.faultsLeft("chat.postMessage"), patiently).toBe(0);
  await bot.kill();
  bot = await scene.start();
  scene.deliverTo(bot);
  await expect.poll(() => notes().length, patiently).toBe(1);
  await scene.join();
  await slack.deliveries.redeliver();
  const root = await slack.say({ channel: "C1", user: "U1", text: "hello", mention: true });
  await expect.poll(() => slack.posts("C1", root).map(markdownOf).join(), patiently).toContain(endMark);
  expect(notes()).toHaveLength(1);
  expect(notes().map(markdownOf).join()).toContain("What I remember");
  expect(elementsIn(notes()[0]?.blocks ?? [])).toEqual([]);
});

test("a question about a message in a channel that the bot is not in is answered by the shortcut's way back", async () => {
  await using scene = await openScene(false);
  const { slack, told } = scene;
  slack.addChannel("C1", { members: ["U1", "U2"], isPrivate: true });
  slack.refuse("C1", "not_in_channel");
  scene.deliverTo(await scene.start());
  const { ts } = slack.write({ channel: "C1", user: "U2", text: "The launch code is swordfish" });
  await scene.ask(ts, "which code?");
  await expect.poll(() => told().join(), patiently).toContain(endMark);
  // It could not be shown to everyone there.
  expect(elementsIn(slack.whispers[0]?.blocks ?? [])).toEqual([]);
  expect(slack.posts("C1", ts)).toEqual([]);
});

test("a message that is deleted while a question about it is answered is not quoted in any answer", async () => {
  await using scene = await openScene(false);
  const { model, slack, told } = scene;
  scene.deliverTo(await scene.start());
  const messageTs = await slack.say({ channel: "C1", user: "U2", text: "The launch code is swordfish" });
  const letGo = model.holdUntilLetGo();
  await scene.ask(messageTs, "which code?");
  await expect.poll(() => model.underWay(), patiently).toBe(1);
  await slack.delete("C1", messageTs);
  letGo();
  await expect
    .poll(() => told(), patiently)
    .toEqual(["That message was deleted, so I can't answer questions about it."]);
});

describe.skipIf(redisIsMissing)(`two replicas over one Redis ${redisIsMissing ?? ""}`, () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedisServer();
  });
  afterAll(() => redis[Symbol.asyncDispose]());

  test("post one note for one joining, and answer a question of which one of them was killed", async () => {
    await using scene = await openScene(false, { REDIS_URL: `${redis.url}/0`, SHUTDOWN_MS: "500" });
    const { model, slack, notes, told, opened } = scene;
    const first = await scene.start();
    const second = await scene.start(opened.use(temporaryFolder()).path);
    scene.deliverTo(first, second);
    await Promise.all([scene.join(), scene.join()]);
    await expect.poll(() => notes().length, patiently).toBe(1);
    const messageTs = await slack.say({ channel: "C1", user: "U2", text: "The launch code is swordfish" });
    model.hold();
    await scene.ask(messageTs, "which code is meant?");
    await expect.poll(() => model.requests.length, patiently).toBe(1);
    model.letGo();
    await first.kill();
    await second.kill();
    scene.deliverTo(await scene.start(opened.use(temporaryFolder()).path));
    await expect.poll(() => told().join(), patiently).toContain(endMark);
    await slack.deliveries.redeliver();
    expect(notes()).toHaveLength(1);
    expect(told()).toHaveLength(1);
  });
});
