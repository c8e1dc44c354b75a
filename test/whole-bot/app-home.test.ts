import { describe, expect, test } from "vitest";

import { startBot, type BotProcess } from "../support/bot-process.ts";
import { openStoresOfBot } from "../support/open-stores-of-bot.ts";
import { postgresIsMissing } from "../support/postgres-database.ts";
import { redisIsMissing } from "../support/redis-server.ts";
import { markdownOf } from "../support/slack/slack-messages.ts";
import { startSlackStandIn, type SlackStandIn } from "../support/slack/slack-stand-in.ts";
import { elementsIn } from "../support/slack/shown-actions.ts";
import { startMarkedModel } from "../support/stages/marked-model.ts";
import { endMark } from "../support/stages/stage.ts";

const patiently = { timeout: 60_000, interval: 20 };
/** Looking at all stores is slow. */
const seldom = { timeout: 60_000, interval: 500 };
const kinds = ["embedded", "Redis and Postgres"] as const;
/** A row of SQLite, or a key of Redis. */
const storedPreferences = ["preference slack T1:U1", "preferences:slack:T1:U1"];

/** A workspace with Ada (U1) and Bo (U2), and a bot that may end and start again. */
async function openTown(kind: (typeof kinds)[number], isSocketMode = false) {
  await using opening = new AsyncDisposableStack();
  const stores = opening.use(await openStoresOfBot(kind));
  const model = opening.use(await startMarkedModel());
  const slack = opening.use(await startSlackStandIn());
  slack.addPerson("U1", "Ada");
  slack.addPerson("U2", "Bo");
  for (const channel of ["CHERE", "CLEFT"])
    slack.addChannel(channel, { members: ["UBOT", "U1", "U2"], isPrivate: true });
  const { botToken, appToken, signingSecret } = slack.settings;
  const way = isSocketMode ? { SLACK_APP_TOKEN: appToken } : { SLACK_SIGNING_SECRET: signingSecret };
  const bots: BotProcess[] = [];
  const opened = opening.move();
  const start = async (): Promise<BotProcess> => {
    const settings = { ...model.settings, ...stores.settings, ...way };
    const bot = opened.use(
      await startBot({ ...settings, SLACK_API_URL: slack.apiUrl, SLACK_BOT_TOKEN: botToken }),
    );
    bots.push(bot);
    return bot;
  };
  let asked = 0;
  return {
    stores,
    model,
    slack,
    start,
    /** Slack delivers to each in turn. */
    deliverTo: (...some: readonly BotProcess[]) => {
      if (!isSocketMode) slack.deliverTo(...some.map(({ url }) => `${url}/slack/events`));
    },
    ask: async (channel: string, user: string, text: string): Promise<void> => {
      const ts = `17000000${String((asked += 1)).padStart(2, "0")}.000100`;
      await slack.say({ channel, user, text, mention: true, ts });
      await expect
        .poll(() => slack.posts(channel, ts).map(markdownOf).join("\n"), patiently)
        .toContain(endMark);
    },
    /** The last thing that the model was told with a question. */
    lastQuestion: () => model.requests.at(-1)?.messages.at(-1)?.text ?? "",
    open: async (user: string): Promise<string> => {
      const before = slack.homes.published.length;
      await slack.homes.open(user);
      await expect.poll(() => slack.homes.published.length, patiently).toBeGreaterThan(before);
      return slack.homes.textOf(user);
    },
    press: async (action: string, value?: string): Promise<void> => {
      const press = { user: "U1", actionId: `threadkeeper_home_${action}` };
      const receipt = await slack.homes.press({ ...press, ...(value === undefined ? {} : { value }) });
      expect(receipt).toMatchObject({ isAcked: true });
    },
    inDm: () => dmOf(slack).map(markdownOf).join("\n"),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

function dmOf(slack: SlackStandIn) {
  return slack.messages.all.filter(({ channel, botId }) => channel === "D1" && botId !== undefined);
}

/** Presses a button under one of the bot's posts in the DM. */
async function pressInDm(slack: SlackStandIn, label: string): Promise<void> {
  for (const { ts, blocks = [] } of dmOf(slack)) {
    const button = elementsIn(blocks).find((each) => each.label === label);
    if (button === undefined) continue;
    const { actionId, value } = button;
    await slack.pressButton({ channel: "D1", user: "U1", actionId, value, messageTs: ts });
    return;
  }
  throw new Error(`No post in the DM has ${label}`);
}

describe.each(kinds)("the Home tab, %s", (kind) => {
  test.skipIf(kind !== "embedded" && (postgresIsMissing ?? redisIsMissing))(
    "shows a person what is theirs, and its buttons and menus do what they say",
    async () => {
      await using town = await openTown(kind, kind === "embedded");
      const { slack, stores } = town;
      town.deliverTo(await town.start());
      await town.ask("CHERE", "U1", "Plan the roof garden");
      await town.ask("CHERE", "U2", "What is for lunch");
      await town.ask("CLEFT", "U1", "Sell the company");
      slack.addChannel("CLEFT", { members: ["UBOT", "U2"], isPrivate: true });
      const text = await town.open("U1");
      expect(text).toMatch(/archives\/CHERE\/p1700000001000100\|Plan the roof garden>/u);
      expect(text).toContain("*2 of 300* answers");
      for (const hidden of ["lunch", "company"]) expect(text).not.toContain(hidden);

      expect(town.lastQuestion()).not.toContain("How the person who asks");
      await town.press("language", "ja");
      await town.ask("CHERE", "U1", "Which plants need no water");
      expect(town.lastQuestion()).toContain("Answer in Japanese");
      await town.ask("CHERE", "U2", "And which need shade");
      expect(town.lastQuestion()).not.toContain("Japanese");
      await town.press("help");
      await expect.poll(town.inDm, patiently).toContain("I answer in the thread and remember it");
      await town.press("export", "slack:T1:CHERE:1700000001.000100");
      await expect
        .poll(() => slack.uploads.all.map((file) => file.text ?? "").join("\n"), patiently)
        .toContain("Plan the roof garden");

      const isKept = async (): Promise<boolean> => {
        const everything = await stores.everything();
        return storedPreferences.some((each) => everything.includes(each));
      };
      await expect.poll(isKept, seldom).toBe(true);
      await town.press("forget");
      await expect.poll(town.inDm, patiently).toContain("This permanently deletes everything");
      await pressInDm(slack, "Delete for good");
      await expect.poll(() => slack.homes.textOf("U1"), patiently).not.toContain("roof garden");
      expect(slack.homes.textOf("U1")).toContain("We haven't talked yet.");
      await expect
        .poll(() => JSON.stringify([slack.whispers, town.inDm()]), patiently)
        .toContain("Done. I deleted");
      await expect.poll(isKept, seldom).toBe(false);
      await town.ask("CHERE", "U1", "Where were we");
      expect(town.lastQuestion()).not.toContain("Japanese");
      expect(new Set(slack.homes.published.map(({ user }) => user))).toEqual(new Set(["U1"]));
    },
  );
});

test("what was pressed on the Home tab before the bot was killed is answered", async () => {
  await using town = await openTown("embedded");
  const { slack } = town;
  const bot = await town.start();
  town.deliverTo(bot);
  await town.ask("CHERE", "U1", "Plan the roof garden");
  await town.open("U1");
  slack.fail("chat.postMessage", { kind: "hang" });
  slack.fail("files.getUploadURLExternal", { kind: "hang" });
  await town.press("help");
  await town.press("forget");
  await town.press("export", "slack:T1:CHERE:1700000001.000100");
  await town.press("length", "short");
  for (const method of ["chat.postMessage", "files.getUploadURLExternal"])
    await expect.poll(() => slack.faultsLeft(method), patiently).toBe(0);
  await bot.kill();
  town.deliverTo(await town.start());
  await expect.poll(town.inDm, patiently).toContain("I answer in the thread and remember it");
  await expect.poll(town.inDm, patiently).toContain("This permanently deletes everything");
  await expect.poll(() => slack.uploads.all.length, patiently).toBe(2);
  await town.ask("CHERE", "U1", "Which plants need no water");
  expect(town.lastQuestion()).toContain("Keep the answer short");
});

test.skipIf(postgresIsMissing ?? redisIsMissing)(
  "two replicas answer with what a person chose at either of them, and publish one Home tab",
  async () => {
    await using town = await openTown("Redis and Postgres");
    const { slack, model } = town;
    town.deliverTo(await town.start(), await town.start());
    for (const text of ["One", "Two", "Three", "Four"]) await town.ask("CHERE", "U1", text);
    await town.open("U1");
    await town.open("U1");
    for (const language of ["ja", "fr"]) {
      await town.press("language", language);
      const before = model.requests.length;
      for (const text of ["Five", "Six", "Seven", "Eight"]) await town.ask("CHERE", "U1", text);
      const told = model.requests.slice(before).map(({ messages }) => messages.at(-1)?.text ?? "");
      const name = language === "ja" ? "Japanese" : "French";
      expect(told.filter((each) => each.includes(`Answer in ${name}`))).toHaveLength(4);
    }
    await town.press("forget");
    await expect.poll(town.inDm, patiently).toContain("This permanently deletes everything");
    await pressInDm(slack, "Delete for good");
    await expect.poll(() => slack.homes.textOf("U1"), patiently).toContain("We haven't talked yet.");
  },
);
