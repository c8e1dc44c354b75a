import { expect, test } from "vitest";

import { startBot, type BotProcess } from "../support/bot-process.ts";
import type { ModelRequest } from "../support/openai/model-request.ts";
import { startOpenAiStandIn } from "../support/openai/openai-stand-in.ts";
import { says, type Script } from "../support/openai/script.ts";
import { markdownOf } from "../support/slack/slack-messages.ts";
import { startSlackStandIn } from "../support/slack/slack-stand-in.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const patiently = { timeout: 60_000, interval: 5 };
const title = "Paint on a fence";
const answer = "With warm water.";

/** What people see: a status that is set again changes nothing. */
function changes(session: { readonly statuses: readonly string[] } | undefined): readonly string[] {
  const { statuses = [] } = session ?? {};
  return statuses.filter((status, at) => status !== statuses[at - 1]);
}

test("no session stays processing after a kill or a shutdown, and it has a title", async () => {
  let isSilent = false;
  const respond = ({ instructions }: ModelRequest): Script => {
    if (instructions.startsWith("You name chats.")) return says(title);
    return isSilent ? { kind: "hang" } : says(answer);
  };
  await using model = await startOpenAiStandIn({ respond });
  await using slack = await startSlackStandIn();
  using folder = temporaryFolder();
  await using bots = new AsyncDisposableStack();
  const { botToken, appToken } = slack.settings;
  const start = async (): Promise<BotProcess> =>
    bots.use(
      await startBot({
        SLACK_API_URL: slack.apiUrl,
        SLACK_BOT_TOKEN: botToken,
        SLACK_APP_TOKEN: appToken,
        OPENAI_BASE_URL: model.baseUrl,
        OPENAI_API_KEY: model.apiKey,
        DATA_DIR: folder.path,
        CHAT_TITLES: "on",
        SHUTDOWN_MS: "200",
      }),
    );
  const ask = async () => {
    const root = await slack.say({ channel: "D1", user: "U1", text: "How do I clean the fence?" });
    return { root, session: () => slack.sessions.get("D1", root) };
  };
  let bot = await start();
  const { root, session } = await ask();
  await expect.poll(() => session()?.title, patiently).toBe(title);
  await expect.poll(() => changes(session()), patiently).toEqual(["processing", "active"]);
  const named = { type: "agent_session_title_changed", channel: "D1", thread_ts: root, user: "U1" };
  const event = { ...named, team_id: "T1", title: "Our fence", event_ts: slack.messages.nextTs() };
  expect(await slack.sendEvent(event)).toMatchObject({ isAcked: true });

  isSilent = true;
  const killed = await ask();
  await expect.poll(() => changes(killed.session()), patiently).toEqual(["processing"]);
  await bot.kill();
  isSilent = false;
  bot = await start();
  await expect.poll(() => killed.session()?.statuses.at(-1), patiently).toBe("active");
  await expect.poll(() => slack.posts("D1", killed.root).map(markdownOf), patiently).toEqual([answer]);

  isSilent = true;
  const closed = await ask();
  await expect.poll(() => changes(closed.session()), patiently).toEqual(["processing"]);
  const streamed = (): boolean => slack.streams.all.some(({ threadTs }) => threadTs === closed.root);
  await expect.poll(streamed, patiently).toBe(true);
  await bot.stop();
  expect(changes(closed.session())).toEqual(["processing", "active"]);
  expect(slack.sessions.processing).toEqual([]);
  expect([...slack.streams.open, ...slack.streams.broken]).toEqual([]);
  expect(slack.calls("assistant.threads.setStatus")).toEqual([]);
});
