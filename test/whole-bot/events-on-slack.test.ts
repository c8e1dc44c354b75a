import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { startBot, type BotProcess } from "../support/bot-process.ts";
import { startSlackStandIn, type SlackStandIn } from "../support/slack/slack-stand-in.ts";
import { startMarkedModel } from "../support/stages/marked-model.ts";
import { endMark } from "../support/stages/stage.ts";
import { withoutTimes } from "../support/texts/without-times.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

type Wire = Readonly<Record<string, unknown>>;

const patiently = { timeout: 60_000, interval: 20 };
const where = { channel: "C1", channel_type: "channel", team: "T1" };

async function startBench(more: Readonly<Record<string, string>> = {}) {
  const opened = new AsyncDisposableStack();
  const folder = opened.use(temporaryFolder());
  const model = opened.use(await startMarkedModel());
  const slack = opened.use(await startSlackStandIn());
  slack.addPerson("U1", "Ada");
  slack.addPerson("U2", "Bob");
  const settings = {
    ...model.settings,
    SLACK_API_URL: slack.apiUrl,
    SLACK_BOT_TOKEN: slack.settings.botToken,
    SLACK_APP_TOKEN: slack.settings.appToken,
    DATA_DIR: folder.path,
    ...more,
  };
  const bot = opened.use(await startBot(settings));
  const prompt = (): readonly string[] =>
    model.requests.at(-1)?.messages.map(({ text }) => withoutTimes(text)) ?? [];
  const answers = (root: string): number =>
    slack.posts("C1", root).filter((each) => !each.isDeleted && textOf(each).includes(endMark)).length;
  return { bot, slack, model, prompt, answers, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

function textOf({ text, blocks }: { readonly text: string; readonly blocks: readonly unknown[] }): string {
  return `${text} ${JSON.stringify(blocks)}`;
}

/** A post of another app, as Slack tells it to ours. */
async function post(slack: SlackStandIn, wire: Wire): Promise<string> {
  const ts = slack.messages.nextTs();
  await slack.sendEvent({
    type: "message",
    ...where,
    ts,
    event_ts: ts,
    subtype: "bot_message",
    bot_id: "BCI",
    ...wire,
  });
  return ts;
}

async function changed(slack: SlackStandIn, message: Wire, previous: Wire): Promise<void> {
  const ts = slack.messages.nextTs();
  await slack.sendEvent({
    type: "message",
    ...where,
    subtype: "message_changed",
    hidden: true,
    ts,
    event_ts: ts,
    message,
    previous_message: previous,
  });
}

function logged(bot: BotProcess, text: string): boolean {
  return bot.log.some((line) => String(line["msg"]).includes(text));
}

describe("on Slack", () => {
  let shared: Awaited<ReturnType<typeof startBench>>;
  beforeAll(async () => {
    shared = await startBench();
  });
  afterAll(() => shared[Symbol.asyncDispose]());

  test("posts of other apps in a thread are remembered, follow edits, and get no answer", async () => {
    const { slack, model, prompt, answers } = shared;
    const before = model.requests.length;
    const root = await slack.say({
      channel: "C1",
      user: "U1",
      text: "release 7 goes out today",
      mention: true,
    });
    await expect.poll(() => answers(root), patiently).toBe(1);
    const named = { username: "CI", thread_ts: root };
    const block = { type: "section", text: { type: "mrkdwn", text: "Build 977 is *running*" } };
    const ts = await post(slack, { ...named, text: "", blocks: [block] });
    const first = { ...named, ts, bot_id: "BCI", subtype: "bot_message", text: "", blocks: [block] };
    const after = { type: "section", text: { type: "mrkdwn", text: "Build 977 failed: no space left" } };
    await changed(slack, { ...first, blocks: [after] }, first);
    await post(slack, { ...named, text: "<@UBOT> reset" });
    await slack.say({ channel: "C1", user: "U1", text: "why did it fail?", threadTs: root });
    await expect.poll(() => answers(root), patiently).toBe(2);
    expect(prompt().filter((text) => text.startsWith("CI (app)"))).toEqual([
      "CI (app): Build 977 failed: no space left",
      "CI (app): reset",
    ]);
    expect(prompt().some((text) => text.includes("release 7"))).toBe(true);
    expect(model.requests).toHaveLength(before + 2);
  });

  test("a mention that an edit adds is answered once, in a thread of several people and in a channel", async () => {
    const { slack, model, prompt, answers } = shared;
    const before = model.requests.length;
    const root = await slack.say({ channel: "C1", user: "U1", text: "hello", mention: true });
    await expect.poll(() => answers(root), patiently).toBe(1);
    const question = { user: "U2", ts: slack.messages.nextTs(), thread_ts: root, text: "when is the demo?" };
    await slack.sendEvent({ type: "message", ...where, ...question, event_ts: question.ts });
    await slack.say({ channel: "C1", user: "U1", text: "I wonder too", threadTs: root });
    const edited = { user: "U2", ts: slack.messages.nextTs() };
    const named = { ...question, text: "<@UBOT> when is the demo?", edited };
    await changed(slack, named, question);
    // Slack tells a mention that an edit adds a second time, and delivers again what it thinks was lost.
    const mention = { ...where, ...named, type: "app_mention", event_ts: question.ts };
    await slack.sendEvent(mention);
    await expect.poll(() => answers(root), patiently).toBe(2);
    await slack.sendEvent(mention);
    expect(prompt().slice(-2)).toEqual(["Ada: I wonder too", "Bob: when is the demo?"]);
    const other = { user: "U1", ts: slack.messages.nextTs(), text: "and the party?" };
    await slack.sendEvent({ type: "message", ...where, ...other, event_ts: other.ts });
    const called = {
      ...other,
      text: "<@UBOT> and the party?",
      edited: { user: "U1", ts: slack.messages.nextTs() },
    };
    await changed(slack, called, other);
    await slack.sendEvent({ ...where, ...called, type: "app_mention", event_ts: other.ts });
    await expect.poll(() => answers(other.ts), patiently).toBe(1);
    await slack.say({ channel: "C1", user: "U1", text: "thanks", threadTs: root, mention: true });
    await expect.poll(() => answers(root), patiently).toBe(3);
    expect(model.requests).toHaveLength(before + 4);
  });

  test("a workflow that mentions the bot is remembered, and the operator is told how to allow answers", async () => {
    const { slack, bot, model, prompt, answers } = shared;
    const before = model.requests.length;
    const ts = await post(slack, {
      bot_id: "BWF",
      username: "Digest",
      workflow_id: "Wf1",
      text: "<@UBOT> sum up the week",
    });
    await expect.poll(() => logged(bot, "SLACK_ANSWER_WORKFLOWS=on"), patiently).toBe(true);
    expect(model.requests).toHaveLength(before);
    slack.messages.add({
      team: "T1",
      channel: "C1",
      threadTs: ts,
      user: "UWF",
      botId: "BWF",
      text: "sum up the week",
      blocks: [],
      metadata: undefined,
      files: [],
      wire: { username: "Digest" },
    });
    await slack.say({ channel: "C1", user: "U1", text: "please do", threadTs: ts, mention: true });
    await expect.poll(() => answers(ts), patiently).toBe(1);
    expect(prompt()).toContain("Digest (app): sum up the week");
  });

  test("a workflow is answered where the operator allows it, at a limited rate, and gives no commands", async () => {
    await using allowing = await startBench({ SLACK_ANSWER_WORKFLOWS: "on" });
    const { slack, bot, model, answers } = allowing;
    const flow = { bot_id: "BWF", username: "Digest", bot_profile: { id: "BWF", is_workflow_bot: true } };
    const ts = await post(slack, { ...flow, text: "<@UBOT> sum up the week" });
    const mention = { ...where, ...flow, type: "app_mention", subtype: "bot_message", ts, event_ts: ts };
    await slack.sendEvent({ ...mention, text: "<@UBOT> sum up the week" });
    await expect.poll(() => answers(ts), patiently).toBe(1);
    await post(slack, { text: "<@UBOT> other bots are not answered" });
    // A circle: each answer starts the workflow again.
    for (let turn = 0; turn < 15; turn += 1)
      await post(slack, { ...flow, thread_ts: ts, text: `<@UBOT> forget this yes ${turn}` });
    await expect.poll(() => logged(bot, "an app calls the bot too often"), patiently).toBe(true);
    await slack.say({ channel: "C1", user: "U1", text: "done?", threadTs: ts, mention: true });
    await expect
      .poll(() => model.requests.some(({ messages }) => messages.at(-1)?.text.includes("done?")), patiently)
      .toBe(true);
    const texts = model.requests.map(({ messages }) => withoutTimes(messages.at(-1)?.text ?? ""));
    expect(texts.filter((text) => text.startsWith("Digest")).length).toBeLessThanOrEqual(10);
    expect(model.requests.at(-1)?.messages.map(({ text }) => withoutTimes(text))).toContain(
      "Digest (app): forget this yes 14",
    );
    expect(texts.some((text) => text.includes("other bots"))).toBe(false);
  });
});
