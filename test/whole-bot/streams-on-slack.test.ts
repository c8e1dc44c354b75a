import { expect, test } from "vitest";

import { startBot, type BotProcess } from "../support/bot-process.ts";
import { startOpenAiStandIn } from "../support/openai/openai-stand-in.ts";
import { says, streams } from "../support/openai/script.ts";
import { redisIsMissing, startRedisServer } from "../support/redis-server.ts";
import { markdownOf } from "../support/slack/slack-messages.ts";
import { startSlackStandIn } from "../support/slack/slack-stand-in.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const patiently = { timeout: 60_000, interval: 20 };
const answer = "With warm water, and a soft brush.";
const half = "With warm ";

/** The bot with the stand-ins around it, which a kill can hit in the middle of four streams. */
async function openScene({ isSocketMode, redisUrl }: { isSocketMode: boolean; redisUrl?: string }) {
  await using opening = new AsyncDisposableStack();
  const { promise: never } = Promise.withResolvers<never>();
  const model = opening.use(await startOpenAiStandIn({ respond: () => says(answer) }));
  const slack = opening.use(await startSlackStandIn());
  const shared = redisUrl === undefined ? opening.use(temporaryFolder()) : undefined;
  const bots = opening.use(new AsyncDisposableStack());
  const { botToken, appToken, signingSecret } = slack.settings;
  const urls: string[] = [];
  const start = async (): Promise<BotProcess> => {
    const folder = shared ?? opened.use(temporaryFolder());
    const bot = bots.use(
      await startBot({
        SLACK_API_URL: slack.apiUrl,
        SLACK_BOT_TOKEN: botToken,
        ...(isSocketMode ? { SLACK_APP_TOKEN: appToken } : { SLACK_SIGNING_SECRET: signingSecret }),
        ...(redisUrl === undefined ? {} : { REDIS_URL: redisUrl }),
        OPENAI_BASE_URL: model.baseUrl,
        OPENAI_API_KEY: model.apiKey,
        DATA_DIR: folder.path,
        SHUTDOWN_MS: "200",
      }),
    );
    urls.push(`${bot.url}/slack/events`);
    if (!isSocketMode) slack.deliverTo(...urls.slice(-1));
    return bot;
  };
  const roots = new Map<string, string>();
  const ask = async (channel: string): Promise<void> => {
    roots.set(channel, await slack.say({ channel, user: `U${channel}`, text: "How do I clean the fence?" }));
  };
  const shown = (channel: string): readonly string[] =>
    slack.posts(channel, roots.get(channel) ?? "").map(markdownOf);
  const hold = (): void => {
    model.answerWith(() => streams([{ say: half }, { hold: never }], "complete"));
  };
  const letGo = (): void => {
    model.answerWith(() => says(answer));
  };
  const opened = opening.move();
  const close = () => opened.disposeAsync();
  return { slack, start, ask, shown, hold, letGo, [Symbol.asyncDispose]: close };
}

type Scene = Awaited<ReturnType<typeof openScene>>;

/** Each DM stops at another step of its stream. */
const [starting, growing, stopping, stopped] = ["D1", "D2", "D3", "D4"] as const;
const dms = [starting, growing, stopping, stopped];

async function reachEachStep({ slack, ask, shown, hold, letGo }: Scene): Promise<void> {
  slack.fail("chat.startStream", { kind: "hang-after" }, 1, starting);
  slack.fail("chat.stopStream", { kind: "hang" }, 1, stopping);
  slack.fail("chat.stopStream", { kind: "hang-after" }, 1, stopped);
  hold();
  for (const channel of [starting, growing]) await ask(channel);
  await expect.poll(() => shown(growing), patiently).toEqual([half.trim()]);
  letGo();
  for (const channel of [stopping, stopped]) await ask(channel);
  await expect.poll(() => slack.faultsLeft("chat.stopStream", stopping), patiently).toBe(0);
  await expect.poll(() => shown(stopped), patiently).toEqual([answer]);
}

async function checkAll({ slack, shown }: Scene): Promise<void> {
  await expect.poll(() => dms.map(shown), patiently).toEqual(dms.map(() => [answer]));
  await expect.poll(() => slack.sessions.processing, patiently).toEqual([]);
  expect([...slack.streams.open, ...slack.streams.broken]).toEqual([]);
  // Buttons and metadata too, wherever the stop got to.
  for (const post of slack.streams.all) {
    expect(post.blocks.length).toBeGreaterThan(1);
    expect(post.metadata).toMatchObject({ event_payload: { state: "done" } });
  }
}

test("a kill at each step of a stream leaves no answer half, doubled or still streaming", async () => {
  await using scene = await openScene({ isSocketMode: true });
  const first = await scene.start();
  await reachEachStep(scene);
  await first.kill();
  await scene.start();
  await checkAll(scene);
  expect(scene.slack.streams.open).toEqual([]);
});

test.skipIf(redisIsMissing)(
  `another replica ends the streams of one that was killed ${redisIsMissing ?? ""}`,
  async () => {
    await using redis = await startRedisServer();
    await using scene = await openScene({ isSocketMode: false, redisUrl: redis.url });
    const first = await scene.start();
    await reachEachStep(scene);
    await scene.start();
    await first.kill();
    await checkAll(scene);
    expect(scene.slack.streams.open).toEqual([]);
  },
);

test("a shutdown leaves no stream open", async () => {
  await using scene = await openScene({ isSocketMode: true });
  const bot = await scene.start();
  scene.hold();
  await scene.ask(growing);
  await expect.poll(() => scene.shown(growing), patiently).toEqual([half.trim()]);
  await bot.stop();
  expect([...scene.slack.streams.open, ...scene.slack.streams.broken]).toEqual([]);
  expect(scene.slack.sessions.processing).toEqual([]);
  scene.letGo();
  await scene.start();
  await expect.poll(() => scene.shown(growing), patiently).toEqual([answer]);
});
