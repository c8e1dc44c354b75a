import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { startBot, type BotProcess } from "../support/bot-process.ts";
import { DiscordStandIn } from "../support/discord/discord-stand-in.ts";
import type { ModelRequest } from "../support/openai/model-request.ts";
import { startOpenAiStandIn } from "../support/openai/openai-stand-in.ts";
import { calls, says, streams, type Script } from "../support/openai/script.ts";
import { redisIsMissing, startRedisServer, type RedisServer } from "../support/redis-server.ts";
import { elementsIn } from "../support/slack/shown-actions.ts";
import { markdownOf } from "../support/slack/slack-messages.ts";
import { startSlackStandIn } from "../support/slack/slack-stand-in.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { startToyServer } from "../support/toys/toy-server.ts";
import { connectWeb, type WebClient } from "../support/web/web-client.ts";

const patiently = { timeout: 60_000, interval: 5 };
const withinMs = 1_000;
const half = "Half an answer";
const stoppedHere = `${half}\n\n*(Stopped here.)*`;
/** Slack's own Stop, in a DM. */
const sessionStop = {
  type: "agent_session_stopped",
  channel: "D1",
  user: "U1",
  streaming_message_ts: [],
};
const token = "a-token-of-this-test";
const headers = { authorization: `Bearer ${token}` };
const { promise: never } = Promise.withResolvers<never>();

/** What the model does with a question, by a word in it. */
function respond({ messages, results }: ModelRequest): Script {
  const question = messages.at(-1)?.text ?? "";
  if (question.includes("silence") || question.includes("Summarise")) return { kind: "hang" };
  if (question.includes("tool") && results.length === 0) return calls("look_up", { of: "milk" });
  if (question.includes("story")) return streams([{ say: half }, { hold: never }], "complete");
  return says("A whole answer.");
}

/** A bot on all platforms, or several over one Redis. */
async function openTown({ isSocketMode = false, redisUrl = "" } = {}) {
  const opened = new AsyncDisposableStack();
  const model = opened.use(await startOpenAiStandIn({ respond }));
  const slack = opened.use(await startSlackStandIn());
  const discord = opened.use(new DiscordStandIn());
  await discord.listen(0);
  const toys = opened.use(await startToyServer());
  toys.holds.set("/look_up/milk", never);
  slack.addChannel("C1", { members: ["UBOT", "U1", "U2"] });
  const { botToken, appToken, signingSecret } = slack.settings;
  const shared = opened.use(temporaryFolder());
  let longestStartMs = 0;
  const start = async (): Promise<BotProcess> => {
    const askedAtMs = Date.now();
    const folder = redisUrl === "" ? shared : opened.use(temporaryFolder());
    const bot = await startBot({
      ...toys.settings,
      SLACK_API_URL: slack.apiUrl,
      SLACK_BOT_TOKEN: botToken,
      ...(isSocketMode ? { SLACK_APP_TOKEN: appToken } : { SLACK_SIGNING_SECRET: signingSecret }),
      DISCORD_TOKEN: discord.token,
      DISCORD_API_URL: discord.apiUrl,
      OPENAI_BASE_URL: model.baseUrl,
      OPENAI_API_KEY: model.apiKey,
      WEB_TOKEN: token,
      DATA_DIR: folder.path,
      ...(redisUrl === "" ? {} : { REDIS_URL: redisUrl }),
    });
    opened.use(bot);
    longestStartMs = Math.max(longestStartMs, Date.now() - askedAtMs);
    return bot;
  };
  return {
    model,
    slack,
    discord,
    toys,
    start,
    deliverTo: ({ url }: BotProcess) => {
      if (!isSocketMode) slack.deliverTo(`${url}/slack/events`);
    },
    /** Resolves when the model has been asked so many times, and is answering. */
    asked: async (times: number) => {
      await expect.poll(() => model.requests.length, patiently).toBe(times);
      expect(model.underWay()).toBe(1);
    },
    /** Presses, and checks how soon the provider's request is over. A busy machine gets the time of a start more. */
    timed: async (press: () => unknown) => {
      const pressedAtMs = performance.now();
      await press();
      await expect.poll(() => model.underWay(), patiently).toBe(0);
      const tookMs = performance.now() - pressedAtMs;
      expect(tookMs).toBeLessThan(withinMs + longestStartMs);
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

type Town = Awaited<ReturnType<typeof openTown>>;

/** A thread in Slack whose newest answer can be stopped. */
async function askOnSlack({ slack }: Town, text: string) {
  const root = await slack.say({ channel: "C1", user: "U1", text, mention: true });
  const last = () => slack.posts("C1", root).at(-1);
  const button = () => elementsIn(last()?.blocks ?? []).find(({ label }) => label === "Stop");
  return {
    root,
    shown: () => slack.posts("C1", root).map(markdownOf),
    button,
    buttonShown: async () => expect.poll(button, patiently).toBeDefined(),
    press: async (value = button()?.value ?? "") => {
      const element = { actionId: "threadkeeper_press_0", value, messageTs: last()?.ts ?? "" };
      return slack.pressButton({ channel: "C1", user: "U2", ...element });
    },
  };
}

async function askOnDiscord({ discord }: Town, text: string) {
  const thread = discord.say({ channel: discord.channel, user: "Ana", text, mention: true });
  const posts = () => discord.posts(thread).filter(({ isDeleted }) => !isDeleted);
  return {
    shown: () => posts().map(({ content }) => content),
    buttons: () => posts().at(-1)?.buttons ?? [],
    press: () => discord.pressUnder({ message: posts().at(-1)?.id ?? "", user: "Bo", label: "Stop" }),
  };
}

const say = (page: WebClient, id: string, text: string): void =>
  page.send({ type: "say", id, conversation: "c1", text });
const stop = (page: WebClient): void => page.send({ type: "stop", conversation: "c1" });

// The replicas below get theirs over HTTP.
test("in Slack's Socket Mode, each Stop ends its answer and no other, also after a kill", async () => {
  await using town = await openTown({ isSocketMode: true });
  const { model, slack } = town;
  const bot = await town.start();
  const root = await slack.say({ channel: "D1", user: "U1", text: "silence" });
  await town.asked(1);
  const elsewhere = { ...sessionStop, thread_ts: "1.000100", event_ts: "9999999999.000100" };
  expect(await slack.sendEvent(elsewhere)).toMatchObject({ isAcked: true });
  await town.timed(() =>
    slack.sendEvent({ ...sessionStop, thread_ts: root, event_ts: slack.messages.nextTs() }),
  );
  await expect.poll(() => slack.posts("D1", root).map(markdownOf), patiently).toEqual(["*(Stopped.)*"]);

  const thread = await askOnSlack(town, "tell a story");
  await expect.poll(thread.shown, patiently).toEqual([half]);
  await thread.buttonShown();
  const value = thread.button()?.value;
  await town.timed(async () => expect(await thread.press()).toMatchObject({ isAcked: true }));
  await expect.poll(thread.shown, patiently).toEqual([stoppedHere]);
  expect(thread.button()).toBeUndefined();
  await slack.say({
    channel: "C1",
    user: "U1",
    text: "another story",
    threadTs: thread.root,
    mention: true,
  });
  await expect.poll(thread.shown, patiently).toEqual([stoppedHere, half]);
  expect(JSON.stringify(model.requests.at(-1)?.messages)).toContain("(Stopped here.)");
  await thread.press(value);
  await expect.poll(() => thread.shown().at(-1), patiently).toBe(half);
  expect(model.underWay()).toBe(1);
  expect(await thread.press()).toMatchObject({ isAcked: true });
  await bot.kill();
  await town.start();
  await expect.poll(() => thread.shown().at(-1), patiently).toMatch(/\*\(Stopped( here)?\.\)\*$/u);
  expect(model.requests).toHaveLength(3);
});

test("Stop is acknowledged silently on Discord; on the web it ends a silent provider, a tool and the summary", async () => {
  await using town = await openTown();
  const { toys } = town;
  const bot = await town.start();
  const thread = await askOnDiscord(town, "tell a story");
  await expect.poll(thread.shown, patiently).toEqual([half]);
  await expect.poll(thread.buttons, patiently).toEqual(["Stop"]);
  let pressed: ReturnType<typeof thread.press> | undefined;
  await town.timed(() => (pressed = thread.press()));
  await expect.poll(thread.shown, patiently).toEqual([stoppedHere]);
  expect(pressed?.callbacks.map(({ type }) => type)).toEqual([6]);
  expect(thread.buttons()).not.toContain("Stop");

  await using page = await connectWeb(bot.url, headers);
  page.send({ type: "open", conversation: "c1" });
  say(page, "m1", "silence");
  await town.asked(2);
  await town.timed(() => stop(page));
  expect((await page.until("done", 1)).text).toBe("*(Stopped.)*");
  say(page, "m2", "use the tool");
  await expect.poll(() => toys.calls.length, patiently).toBe(1);
  stop(page);
  expect((await page.until("done", 2)).text).toBe("*(Stopped.)*");
  say(page, "m3", "hello");
  expect((await page.until("done", 3)).text).toBe("A whole answer.");
  page.send({ type: "command", id: "s1", conversation: "c1", name: "summary", argument: "" });
  await expect.poll(() => town.model.underWay(), patiently).toBe(1);
  await town.timed(() => stop(page));
  await expect
    .poll(() => page.of("notice").map(({ text }) => text), patiently)
    .toEqual([expect.stringContaining("stopped")]);
});

describe.skipIf(redisIsMissing)(`two replicas over one Redis ${redisIsMissing ?? ""}`, () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedisServer();
  });
  afterAll(() => redis[Symbol.asyncDispose]());

  test("stop each other's answers on Slack, Discord and the web", async () => {
    await using town = await openTown({ redisUrl: `${redis.url}/0` });
    const { slack } = town;
    const writer = await town.start();
    town.deliverTo(writer);
    await using page = await connectWeb(writer.url, headers);
    page.send({ type: "open", conversation: "c1" });
    const other = await town.start();
    await using beside = await connectWeb(other.url, { ...headers, cookie: page.cookie });
    beside.send({ type: "open", conversation: "c1" });

    const thread = await askOnSlack(town, "tell a story");
    await expect.poll(thread.shown, patiently).toEqual([half]);
    await thread.buttonShown();
    town.deliverTo(other);
    await town.timed(thread.press);
    await expect.poll(thread.shown, patiently).toEqual([stoppedHere]);

    town.deliverTo(writer);
    const root = await slack.say({ channel: "D1", user: "U1", text: "silence" });
    await town.asked(2);
    town.deliverTo(other);
    await town.timed(() =>
      slack.sendEvent({ ...sessionStop, thread_ts: root, event_ts: slack.messages.nextTs() }),
    );

    const onDiscord = await askOnDiscord(town, "tell a story");
    await expect.poll(onDiscord.buttons, patiently).toEqual(["Stop"]);
    await town.timed(onDiscord.press);
    await expect.poll(onDiscord.shown, patiently).toEqual([stoppedHere]);

    say(page, "m1", "tell a story");
    await page.until("piece");
    await town.timed(() => stop(beside));
    expect((await page.until("done")).text).toBe(stoppedHere);
    expect((await beside.until("done")).text).toBe(stoppedHere);
  });
});
