import { expect, test } from "vitest";

import { startBot, type BotProcess } from "../support/bot-process.ts";
import { startRedisServer } from "../support/redis-server.ts";
import { buttonsUnder, pressUnder, type ShownElement } from "../support/slack/shown-actions.ts";
import { markdownOf } from "../support/slack/slack-messages.ts";
import { startSlackStandIn, type SlackStandIn } from "../support/slack/slack-stand-in.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { startOrderingModel } from "../support/toys/ordering-model.ts";
import { startToyServer } from "../support/toys/toy-server.ts";

const patiently = { timeout: 60_000, interval: 20 };
const over = "This request is no longer open, so your press changed nothing.";

/** A Slack thread of Ada in a channel of its own, in which "order a, b" makes the model order these, and then answer. */
function openRoom(slack: SlackStandIn, channel: string) {
  let root = "";
  const posts = () => slack.posts(channel, root).filter(({ isDeleted }) => !isDeleted);
  const postId = (): string => `${channel}/${posts().at(-1)?.ts ?? ""}`;
  const buttons = (): readonly ShownElement[] =>
    buttonsUnder(slack, postId()).filter(({ label }) => label === "Approve" || label === "Decline");
  const shown = (): readonly string[] => posts().map(markdownOf);
  const say = async (text: string): Promise<void> => {
    const thread = root === "" ? {} : { threadTs: root };
    const ts = await slack.say({ channel, user: "UADA", text, mention: true, ...thread });
    if (root === "") root = ts;
  };
  const whenAsked = async (what: string): Promise<void> => {
    await expect.poll(shown, patiently).toEqual([expect.stringContaining(`**May I ${what}?**`)]);
    await expect.poll(() => buttons().map(({ label }) => label), patiently).toEqual(["Approve", "Decline"]);
  };
  return {
    buttons,
    shown,
    say,
    whenAsked,
    edit: (text: string) => slack.edit(channel, root, text),
    deleteRequest: () => slack.delete(channel, posts().at(-1)?.ts ?? ""),
    order: async (things: string): Promise<void> => {
      await say(`order ${things}`);
      await whenAsked(`order ${things.split(",")[0] ?? ""}`);
    },
    /** Presses a button that is shown now, or was shown before. */
    press: async (label: string, from = buttons(), user = "UADA", times = 1): Promise<void> => {
      const button = from.find((each) => each.label === label);
      if (button === undefined) throw new Error(`There is no button ${label}`);
      await pressUnder(slack, postId(), button, { user, times });
    },
    told: () =>
      slack.whispers.filter((each) => each.channel === channel).map((each) => markdownOf(each) || each.text),
  };
}

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
  return {
    slack,
    start,
    rooms: ["C1", "C2", "C3"].map((channel) => openRoom(slack, channel)),
    /** What was ordered, in order. */
    calls: (): readonly string[] => toys.calls.map((path) => path.replace("/write_down/", "")),
    /** The numbers of results that the model was asked with about a thing. */
    asked: (thing: string): readonly number[] =>
      openai.requests
        .filter(({ messages }) => messages.at(-1)?.text.includes(thing))
        .map(({ results }) => results.length),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** The first rooms of a town. */
function roomsOf({ rooms: [one, two, three] }: Awaited<ReturnType<typeof openTown>>) {
  if (one === undefined || two === undefined || three === undefined) throw new RangeError("No rooms");
  return [one, two, three] as const;
}

/** Errors but those of a store that is slow to answer, as on a busy machine. */
const lettersIn = (bot: BotProcess) =>
  bot.log.filter(({ level, err }) => level === "error" && Object(err)["name"] !== "StoreError");

test("an approved call is made once, of two in a round one may be declined, and an edit withdraws both", async () => {
  await using town = await openTown("SQLite");
  const bot = await town.start();
  const [once, two, edited] = roomsOf(town);
  await once.order("milk");
  const old = once.buttons();
  await once.press("Approve", old, "UBOB");
  await expect
    .poll(once.told, patiently)
    .toEqual(["Only the person who asked me can approve or decline this."]);
  expect(town.calls()).toEqual([]);
  await once.press("Approve", old, "UADA", 2);
  // The answer continues in the same post.
  await expect.poll(once.shown, patiently).toEqual(["Well.\n\nIt says MILK."]);
  expect(once.buttons()).toEqual([]);
  await once.press("Decline", old);
  await expect.poll(() => once.told().at(-1), patiently).toBe(over);
  expect(town.calls()).toEqual(["milk"]);
  expect(once.shown()).toEqual(["Well.\n\nIt says MILK."]);

  await two.order("tea, eggs");
  await two.press("Decline");
  await two.whenAsked("order eggs");
  await two.press("Approve");
  await expect
    .poll(two.shown, patiently)
    .toEqual([expect.stringMatching(/^Well\.\n\nThe person declined this.* It says EGGS\.$/su)]);
  expect(town.calls()).toEqual(["milk", "eggs"]);
  // The model was asked for its calls once.
  expect(town.asked("tea, eggs")).toEqual([0, 2]);

  await edited.order("salt");
  const withdrawn = edited.buttons();
  await edited.edit("never mind");
  await expect.poll(edited.shown, patiently).toEqual(["Hello."]);
  expect(edited.buttons()).toEqual([]);
  await edited.press("Approve", withdrawn);
  await expect.poll(edited.told, patiently).toEqual([over]);
  expect(town.calls()).toEqual(["milk", "eggs"]);
  expect(lettersIn(bot)).toEqual([]);
});

test("a request that nobody answers expires, also after a restart, and also if an admin deletes its post", async () => {
  await using town = await openTown("SQLite", "order_now");
  const first = await town.start();
  const [restarted, deleted] = roomsOf(town);
  await restarted.order("milk");
  const old = restarted.buttons();
  await first.kill();
  const second = await town.start();
  await deleted.order("eggs");
  await deleted.deleteRequest();
  expect(deleted.shown()).toEqual([]);
  const expired = [expect.stringContaining("Nobody approved this in time")];
  await expect.poll(restarted.shown, { ...patiently, timeout: 100_000 }).toEqual(expired);
  await restarted.press("Approve", old);
  await expect.poll(restarted.told, patiently).toEqual([over]);
  // In a new post.
  await expect.poll(deleted.shown, { ...patiently, timeout: 100_000 }).toEqual(expired);
  expect(town.calls()).toEqual([]);
  expect(lettersIn(second)).toEqual([]);
});

test("a waiting request outlives a stop and a kill, and its call is made once", async () => {
  await using town = await openTown("Redis");
  const [stopped, waiting, approved] = roomsOf(town);
  const first = await town.start();
  await stopped.order("milk");
  const askedMs = performance.now();
  expect(await first.stop()).toBe(0);
  // Far from SHUTDOWN_MS, for which a running answer may go on.
  expect(performance.now() - askedMs).toBeLessThan(10_000);
  expect(lettersIn(first)).toEqual([]);
  const second = await town.start();
  await stopped.press("Approve");
  await expect.poll(stopped.shown, patiently).toEqual(["Well.\n\nIt says MILK."]);
  expect(town.calls()).toEqual(["milk"]);
  await waiting.order("eggs");
  await approved.order("tea");
  // The request is replaced after the approval is saved and before the call starts.
  town.slack.fail("chat.update", { kind: "hang" }, 1, "C3");
  await approved.press("Approve");
  await expect.poll(() => town.slack.faultsLeft("chat.update"), patiently).toBe(0);
  expect(town.calls()).toEqual(["milk"]);
  expect(lettersIn(second)).toEqual([]);
  await second.kill();
  const third = await town.start();
  await expect.poll(approved.shown, patiently).toEqual(["Well.\n\nIt says TEA."]);
  expect(town.calls()).toEqual(["milk", "tea"]);
  await waiting.press("Approve");
  await expect.poll(waiting.shown, patiently).toEqual(["Well.\n\nIt says EGGS."]);
  expect(town.calls()).toEqual(["milk", "tea", "eggs"]);
  expect(["milk", "tea", "eggs"].map(town.asked)).toEqual([
    [0, 1],
    [0, 1],
    [0, 1],
  ]);
  expect(lettersIn(third)).toEqual([]);
});

test("of two replicas over Redis, one makes a call once, whichever asked, also if that one freezes and wakes up", async () => {
  await using town = await openTown("Redis");
  const [pressed, frozen] = roomsOf(town);
  const first = await town.start();
  await pressed.order("milk");
  await frozen.order("eggs");
  const old = pressed.buttons();
  const second = await town.start();
  // It reaches the one that did not ask.
  await pressed.press("Approve", old, "UADA", 2);
  await expect.poll(pressed.shown, patiently).toEqual(["Well.\n\nIt says MILK."]);
  await pressed.press("Decline", old);
  await expect.poll(pressed.told, patiently).toEqual([over]);
  expect(town.calls()).toEqual(["milk"]);
  expect([...lettersIn(first), ...lettersIn(second)]).toEqual([]);

  process.kill(first.pid, "SIGSTOP");
  await frozen.press("Approve");
  await expect.poll(frozen.shown, patiently).toEqual(["Well.\n\nIt says EGGS."]);
  process.kill(first.pid, "SIGCONT");
  await frozen.say("hello");
  await expect.poll(frozen.shown, patiently).toEqual(["Well.\n\nIt says EGGS.", "Hello."]);
  expect(town.calls()).toEqual(["milk", "eggs"]);
});
