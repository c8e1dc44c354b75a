import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { startBot, type BotProcess } from "../support/bot-process.ts";
import { DiscordStandIn } from "../support/discord/discord-stand-in.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { startOrderingModel } from "../support/toys/ordering-model.ts";
import { startToyServer } from "../support/toys/toy-server.ts";
import { actionsOn } from "../support/web/actions-on.ts";
import { connectWeb, type WebClient } from "../support/web/web-client.ts";

const patiently = { timeout: 60_000, interval: 20 };
const over = "This request is no longer open, so your press changed nothing.";
const labels = ["Approve", "Decline"];

/** A bot that orders things, and what it needs. */
async function openShop(settings: Readonly<Record<string, string>> = {}) {
  const opened = new AsyncDisposableStack();
  const folder = opened.use(temporaryFolder());
  const model = opened.use(await startOrderingModel());
  const toys = opened.use(await startToyServer());
  return {
    toys,
    /** Whether a turn waits for a press, and no process works on it. */
    isAtRest: (): boolean => {
      const file = join(folder.path, "threadkeeper.sqlite");
      using database = new DatabaseSync(file, { readOnly: true, timeout: 1_000 });
      const rows = database.prepare("SELECT not_before_ms, turn FROM conversation").all();
      return rows.some((row) => Number(row["not_before_ms"]) > 0 && /"request":/u.test(String(row["turn"])));
    },
    /** Moves the times of postponed turns so far into the past. */
    letTimePass: (ms: number): void => {
      using database = new DatabaseSync(join(folder.path, "threadkeeper.sqlite"), { timeout: 1_000 });
      database.prepare("UPDATE conversation SET not_before_ms = not_before_ms - ?").run(ms);
    },
    start: async (): Promise<BotProcess> =>
      opened.use(
        await startBot({
          ...toys.settings,
          ...settings,
          OPENAI_BASE_URL: model.baseUrl,
          OPENAI_API_KEY: model.apiKey,
          DATA_DIR: folder.path,
        }),
      ),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

test("on Discord, the person who asked approves a call once, also after a restart", async () => {
  await using discord = new DiscordStandIn();
  await discord.listen(0);
  await using shop = await openShop({ DISCORD_TOKEN: discord.token, DISCORD_API_URL: discord.apiUrl });
  const first = await shop.start();
  const thread = discord.say({ channel: discord.channel, user: "Ana", text: "order milk", mention: true });
  const posts = () => discord.posts(thread).filter(({ isDeleted }) => !isDeleted);
  const shown = () => posts().map(({ content }) => content);
  const shownLabels = () => posts().at(-1)?.buttons ?? [];
  await expect.poll(shown, patiently).toEqual([expect.stringContaining("**May I order milk?**")]);
  await expect.poll(shownLabels, patiently).toEqual(labels);
  const message = posts().at(-1)?.id ?? "";
  const bos = discord.pressUnder({ message, user: "Bo", label: "Approve" });
  await expect.poll(() => JSON.stringify(bos), patiently).toContain("Only the person who asked me");
  expect(shop.toys.calls).toEqual([]);
  await first.kill();
  await shop.start();
  discord.pressUnder({ message, user: "Ana", label: "Approve", times: 2 });
  await expect.poll(shown, patiently).toEqual(["Well.\n\nIt says MILK."]);
  expect(shownLabels()).not.toContain("Approve");
  expect(shop.toys.calls).toEqual(["/write_down/milk"]);
});

/** Presses a button that a page shows, or showed. */
function press(page: WebClient, label: string, shown = actionsOn(page)): void {
  const { id: action, on, value } = shown.find((each) => each.label === label) ?? {};
  page.send({ type: "press", id: `${label}${on}`, conversation: "c1", action, on, value });
}

const labelsOn = (page: WebClient) => actionsOn(page).map(({ label }) => label);

async function ask(page: WebClient): Promise<void> {
  page.send({ type: "say", id: "1", conversation: "c1", text: "order milk" });
  await expect.poll(() => labelsOn(page), patiently).toEqual(labels);
}

describe("on the web", () => {
  let shop: Awaited<ReturnType<typeof openShop>>;
  let bot: BotProcess;
  beforeAll(async () => {
    shop = await openShop();
    bot = await shop.start();
  });
  afterAll(() => shop[Symbol.asyncDispose]());

  test("a person approves a call once, on any of their pages", async () => {
    await using page = await connectWeb(bot.url);
    await ask(page);
    const shown = actionsOn(page);
    await using other = await connectWeb(bot.url, { cookie: page.cookie });
    other.send({ type: "open", conversation: "c1" });
    await expect.poll(() => labelsOn(other), patiently).toEqual(labels);
    press(other, "Approve");
    press(page, "Approve", shown);
    expect(await page.until("done")).toMatchObject({ text: "Well.\n\nIt says MILK." });
    expect(labelsOn(page)).toEqual([]);
    press(page, "Decline", shown);
    await expect.poll(() => page.of("notice").map(({ text }) => text), patiently).toEqual([over]);
    expect(shop.toys.calls).toEqual(["/write_down/milk"]);
  });

  test("Stop ends a request, and its button changes nothing any more", async () => {
    const before = shop.toys.calls.length;
    await using page = await connectWeb(bot.url);
    await ask(page);
    const shown = actionsOn(page);
    page.send({ type: "stop", id: "s1", conversation: "c1" });
    expect(await page.until("done")).toMatchObject({ text: expect.stringContaining("*(Stopped here.)*") });
    press(page, "Approve", shown);
    await expect.poll(() => page.of("notice").map(({ text }) => text), patiently).toEqual([over]);
    expect(shop.toys.calls).toHaveLength(before);
  });

  test("a request is shown again after a restart, within about a minute", async () => {
    const before = shop.toys.calls.length;
    await using page = await connectWeb(bot.url);
    await ask(page);
    await expect.poll(shop.isAtRest, patiently).toBe(true);
    await bot.kill();
    const second = await shop.start();
    await using again = await connectWeb(second.url, { cookie: page.cookie });
    again.send({ type: "open", conversation: "c1" });
    await again.until("history");
    shop.letTimePass(60_000);
    await expect.poll(() => labelsOn(again), patiently).toEqual(labels);
    press(again, "Approve");
    expect(await again.until("done")).toMatchObject({ text: "Well.\n\nIt says MILK." });
    expect(shop.toys.calls.slice(before)).toEqual(["/write_down/milk"]);
  });
});
