import { describe, expect, test } from "vitest";

import { startBot, type BotProcess } from "../support/bot-process.ts";
import { startRedisServer } from "../support/redis-server.ts";
import { buttonsUnder, pressUnder, type ShownElement } from "../support/slack/shown-actions.ts";
import { markdownOf } from "../support/slack/slack-messages.ts";
import { startSlackStandIn } from "../support/slack/slack-stand-in.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { startOrderingModel } from "../support/toys/ordering-model.ts";
import { startToyServer } from "../support/toys/toy-server.ts";

const patiently = { timeout: 60_000, interval: 20 };
const over = "This request is no longer open, so your press changed nothing.";

/** A Slack thread in which "order a, b" makes the model order these, and then answer with what came of it. */
async function openTown(store: "SQLite" | "Redis", tool = "order") {
  const opened = new AsyncDisposableStack();
  const folder = opened.use(temporaryFolder());
  const openai = opened.use(await startOrderingModel(tool));
  const toys = opened.use(await startToyServer());
  const redis = store === "Redis" ? opened.use(await startRedisServer()) : undefined;
  const slack = opened.use(await startSlackStandIn());
  const { botToken, signingSecret } = slack.settings;
  const start = async (): Promise<BotProcess> => {
    const bot = opened.use(
      await startBot({
        ...toys.settings,
        ...(redis === undefined ? {} : { REDIS_URL: redis.url }),
        SLACK_API_URL: slack.apiUrl,
        SLACK_BOT_TOKEN: botToken,
        SLACK_SIGNING_SECRET: signingSecret,
        OPENAI_BASE_URL: openai.baseUrl,
        OPENAI_API_KEY: openai.apiKey,
        // Replicas share nothing but Redis.
        DATA_DIR: redis === undefined ? folder.path : opened.use(temporaryFolder()).path,
      }),
    );
    slack.deliverTo(`${bot.url}/slack/events`);
    return bot;
  };
  const channel = "C1";
  let root = "";
  const posts = () => slack.posts(channel, root).filter(({ isDeleted }) => !isDeleted);
  const postId = (): string => `${channel}/${posts().at(-1)?.ts ?? ""}`;
  const buttons = (): readonly ShownElement[] => buttonsUnder(slack, postId());
  return {
    slack,
    toys,
    openai,
    start,
    buttons,
    say: async (text: string): Promise<void> => {
      const thread = root === "" ? {} : { threadTs: root };
      const ts = await slack.say({ channel, user: "UADA", text, mention: true, ...thread });
      if (root === "") root = ts;
    },
    edit: (text: string) => slack.edit(channel, root, text),
    deleteRequest: () => slack.delete(channel, posts().at(-1)?.ts ?? ""),
    shown: (): readonly string[] => posts().map(markdownOf),
    whenAsked: async (what: string): Promise<void> => {
      const request = [expect.stringContaining(`**May I ${what}?**`)];
      await expect.poll(() => posts().map(markdownOf), patiently).toEqual(request);
      await expect.poll(() => buttons().map(({ label }) => label), patiently).toEqual(["Approve", "Decline"]);
    },
    /** Presses a button that is shown now, or was shown before. */
    press: async (label: string, from = buttons(), user = "UADA", times = 1): Promise<void> => {
      const button = from.find((each) => each.label === label);
      if (button === undefined) throw new Error(`There is no button ${label}`);
      await pressUnder(slack, postId(), button, { user, times });
    },
    told: () => slack.whispers.map((each) => markdownOf(each) || each.text),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

const lettersIn = (bot: BotProcess) => bot.log.filter(({ level }) => level === "error" || level === 50);

test("an approved call is made once, and the answer continues in the same post", async () => {
  await using town = await openTown("SQLite");
  const bot = await town.start();
  await town.say("order milk");
  await town.whenAsked("order milk");
  const old = town.buttons();
  await town.press("Approve", old, "UBOB");
  await expect
    .poll(town.told, patiently)
    .toEqual(["Only the person who asked me can approve or decline this."]);
  expect(town.toys.calls).toEqual([]);
  await town.press("Approve", old, "UADA", 2);
  await expect.poll(town.shown, patiently).toEqual(["Well.\n\nIt says MILK."]);
  expect(town.buttons()).toEqual([]);
  await town.press("Decline", old);
  await expect.poll(() => town.told().at(-1), patiently).toBe(over);
  expect(town.toys.calls).toEqual(["/write_down/milk"]);
  expect(town.shown()).toEqual(["Well.\n\nIt says MILK."]);
  expect(lettersIn(bot)).toEqual([]);
});

test("of two calls in a round, one is approved and one declined", async () => {
  await using town = await openTown("SQLite");
  await town.start();
  await town.say("order milk, eggs");
  await town.whenAsked("order milk");
  await town.press("Decline");
  await town.whenAsked("order eggs");
  await town.press("Approve");
  await expect
    .poll(town.shown, patiently)
    .toEqual([expect.stringMatching(/^Well\.\n\nThe person declined this.* It says EGGS\.$/su)]);
  expect(town.toys.calls).toEqual(["/write_down/eggs"]);
  // The model was asked for its calls once.
  expect(town.openai.requests.map(({ results }) => results.length)).toEqual([0, 2]);
});

test("a request that nobody answers expires, also after a restart", async () => {
  await using town = await openTown("SQLite", "order_now");
  const first = await town.start();
  await town.say("order milk");
  await town.whenAsked("order milk");
  const old = town.buttons();
  await first.kill();
  await town.start();
  const expired = [expect.stringContaining("Nobody approved this in time")];
  await expect.poll(town.shown, { ...patiently, timeout: 100_000 }).toEqual(expired);
  await town.press("Approve", old);
  await expect.poll(town.told, patiently).toEqual([over]);
  expect(town.toys.calls).toEqual([]);
});

test("an edit of the question withdraws the request", async () => {
  await using town = await openTown("SQLite");
  await town.start();
  await town.say("order milk");
  await town.whenAsked("order milk");
  const old = town.buttons();
  await town.edit("never mind");
  await expect.poll(town.shown, patiently).toEqual(["Hello."]);
  expect(town.buttons()).toEqual([]);
  await town.press("Approve", old);
  await expect.poll(town.told, patiently).toEqual([over]);
  expect(town.toys.calls).toEqual([]);
});

test("a request whose post an admin deletes expires, and the answer comes in a new post", async () => {
  await using town = await openTown("SQLite", "order_now");
  const bot = await town.start();
  await town.say("order milk");
  await town.whenAsked("order milk");
  await town.deleteRequest();
  expect(town.shown()).toEqual([]);
  const expired = [expect.stringContaining("Nobody approved this in time")];
  await expect.poll(town.shown, { ...patiently, timeout: 100_000 }).toEqual(expired);
  expect(town.toys.calls).toEqual([]);
  expect(lettersIn(bot)).toEqual([]);
});

describe.each(["SQLite", "Redis"] as const)("on %s, a waiting request", (store) => {
  test("does not hold up the program's end, and is approved after the next start", async () => {
    await using town = await openTown(store);
    const first = await town.start();
    await town.say("order milk");
    await town.whenAsked("order milk");
    const askedMs = performance.now();
    expect(await first.stop()).toBe(0);
    // Far from SHUTDOWN_MS, for which a running answer may go on.
    expect(performance.now() - askedMs).toBeLessThan(10_000);
    expect(lettersIn(first)).toEqual([]);
    const second = await town.start();
    await town.press("Approve");
    await expect.poll(town.shown, patiently).toEqual(["Well.\n\nIt says MILK."]);
    expect(town.toys.calls).toEqual(["/write_down/milk"]);
    expect(town.openai.requests.map(({ results }) => results.length)).toEqual([0, 1]);
    expect(lettersIn(second)).toEqual([]);
  });
});

describe.each(["SQLite", "Redis"] as const)("on %s, after a kill", (store) => {
  test("while a request waits, it can be approved", async () => {
    await using town = await openTown(store);
    const first = await town.start();
    await town.say("order milk");
    await town.whenAsked("order milk");
    await first.kill();
    const second = await town.start();
    await town.press("Approve");
    await expect.poll(town.shown, patiently).toEqual(["Well.\n\nIt says MILK."]);
    expect(town.toys.calls).toEqual(["/write_down/milk"]);
    expect(town.openai.requests.map(({ results }) => results.length)).toEqual([0, 1]);
    expect(lettersIn(second)).toEqual([]);
  });

  test("between the approval and its call, the call is made once", async () => {
    await using town = await openTown(store);
    const first = await town.start();
    await town.say("order milk");
    await town.whenAsked("order milk");
    // The request is replaced after the approval is saved and before the call starts.
    town.slack.fail("chat.update", { kind: "hang" });
    await town.press("Approve");
    await expect.poll(() => town.slack.faultsLeft("chat.update"), patiently).toBe(0);
    expect(town.toys.calls).toEqual([]);
    await first.kill();
    await town.start();
    await expect.poll(town.shown, patiently).toEqual(["Well.\n\nIt says MILK."]);
    expect(town.toys.calls).toEqual(["/write_down/milk"]);
    expect(town.openai.requests.map(({ results }) => results.length)).toEqual([0, 1]);
  });
});

describe("on two replicas over Redis", () => {
  test("a press that reaches the one that did not ask has its call made once", async () => {
    await using town = await openTown("Redis");
    const first = await town.start();
    await town.say("order milk");
    await town.whenAsked("order milk");
    const old = town.buttons();
    const second = await town.start();
    await town.press("Approve", old, "UADA", 2);
    await expect.poll(town.shown, patiently).toEqual(["Well.\n\nIt says MILK."]);
    await town.press("Decline", old);
    await expect.poll(town.told, patiently).toEqual([over]);
    expect(town.toys.calls).toEqual(["/write_down/milk"]);
    expect([...lettersIn(first), ...lettersIn(second)]).toEqual([]);
  });

  test("the call is made once also if the one that asked is frozen, and wakes up afterwards", async () => {
    await using town = await openTown("Redis");
    const first = await town.start();
    await town.say("order milk");
    await town.whenAsked("order milk");
    await town.start();
    process.kill(first.pid, "SIGSTOP");
    await town.press("Approve");
    await expect.poll(town.shown, patiently).toEqual(["Well.\n\nIt says MILK."]);
    process.kill(first.pid, "SIGCONT");
    await town.say("hello");
    await expect.poll(town.shown, patiently).toEqual(["Well.\n\nIt says MILK.", "Hello."]);
    expect(town.toys.calls).toEqual(["/write_down/milk"]);
  });
});
