/// <reference lib="dom" />

import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { faultsOn } from "../support/web/axe.ts";
import { browserIsMissing, launchBrowser } from "../support/web/browser.ts";
import { openChat, type Chat } from "../support/web/open-chat.ts";
import { openPage, saidOn, userOf } from "../support/web/open-page.ts";
import { remembered, webMemory } from "../support/web/web-memory.ts";

const patiently = { timeout: 60_000, interval: 20 };
const dayMs = 24 * 3_600_000;
const answer = 'See:\n\n```ts\nconst a = "text"; // note\n```';

describe.skipIf(browserIsMissing)(`the page's conveniences ${browserIsMissing ?? ""}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  interface Scene extends AsyncDisposable {
    readonly chat: Chat;
    readonly page: Page;
    readonly user: string;
  }

  /** A page at `c1`, with a question of yesterday and one of today. */
  async function openScene(options: BrowserContextOptions = {}): Promise<Scene> {
    const opened = new AsyncDisposableStack();
    const chat = opened.use(await openChat());
    const nowMs = Date.now();
    const at = (ordinal: number, id: string, text: string, saidAtMs: number) =>
      remembered(ordinal, id, text, { saidAtMs });
    const said = [
      at(1, "m1", "one", nowMs - dayMs),
      at(2, "t1", "uno", nowMs - dayMs),
      at(3, "m2", "two", nowMs - 10_000),
      at(4, "t2", answer, nowMs - 5_000),
    ];
    const page = await openPage(browser, `${chat.url}/#c1`, options, (user) => {
      const entry = (id: string, title: string, lastAtMs: number) =>
        chat.entries.push({
          conversation: `web:${user}:${id}`,
          platform: "web",
          place: user,
          title,
          lastAtMs,
        });
      chat.memories.set(`web:${user}:c1`, webMemory(user, said));
      entry("c1", "Numbers", nowMs);
      entry("c2", "Garden fence", nowMs - dayMs);
      entry("c3", "Roof and garden", nowMs - 400 * dayMs);
    });
    await expect.poll(async () => (await saidOn(page)).length, patiently).toBe(2);
    return { chat, page, user: await userOf(page), [Symbol.asyncDispose]: () => opened.disposeAsync() };
  }

  test("copy answers as they were written, and code", async () => {
    await using scene = await openScene({ permissions: ["clipboard-read", "clipboard-write"] });
    const { page } = scene;
    const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
    await page.getByRole("button", { name: "Copy this code" }).click();
    await expect.poll(clipboard, patiently).toBe('const a = "text"; // note');
    await page.locator(".message.assistant").last().hover();
    await page.getByRole("button", { name: "Copy this answer" }).last().click();
    await expect.poll(clipboard, patiently).toBe(answer);
  });

  test("colour code without changing it, with local resources only", async () => {
    await using scene = await openScene();
    const { page, chat } = scene;
    await expect
      .poll(
        () =>
          page.evaluate(
            "[...CSS.highlights].filter(([, each]) => each.size > 0).map(([name]) => name).toSorted()",
          ),
        patiently,
      )
      .toEqual(expect.arrayContaining(["code-cmnt", "code-kwd", "code-str"]));
    expect(await page.locator("pre > code").evaluate((node) => node.childNodes.length)).toBe(1);
    const loaded = await page.evaluate(() =>
      performance.getEntriesByType("resource").map(({ name }) => name),
    );
    expect(loaded.filter((url) => /language-/u.test(url)).length).toBeLessThan(5);
    expect(loaded.filter((url) => !url.startsWith(chat.url))).toEqual([]);
  });

  test("show the times of messages in the reader's zone", async () => {
    await using scene = await openScene({ timezoneId: "Asia/Tokyo", locale: "en-GB" });
    const { page } = scene;
    expect(await page.locator(".day").allInnerTexts()).toEqual(["Yesterday", "Today"]);
    const times = page.locator(".message time");
    expect(await times.count()).toBe(4);
    const said = new Date(Date.now() - dayMs);
    const exact = new Intl.DateTimeFormat("en-GB", {
      dateStyle: "full",
      timeStyle: "short",
      timeZone: "Asia/Tokyo",
    });
    const minuteBefore = new Date(said.getTime() - 60_000);
    expect([exact.format(said), exact.format(minuteBefore)]).toContain(
      await times.first().getAttribute("title"),
    );
    expect(await times.last().innerText()).toMatch(/just now|min ago/u);
  });

  test("group conversations by date, and find them by title or message", async () => {
    await using scene = await openScene();
    const { page, chat } = scene;
    const list = page.getByRole("navigation");
    const groups = await list.getByRole("heading").allInnerTexts();
    expect(groups.slice(0, 2)).toEqual(["Today", "Yesterday"]);
    expect(groups[2]).toMatch(/\d{4}/u);
    await page.getByLabel("Search your conversations").fill("garden");
    expect(await list.getByRole("link").allInnerTexts()).toEqual(["Garden fence", "Roof and garden"]);
    await list.getByRole("button", { name: "Search in messages for “garden”" }).click();
    await expect
      .poll(() => chat.accepted, patiently)
      .toMatchObject([{ kind: "commanded", name: "recall", argument: "garden" }]);
    expect(await list.getByRole("link").count()).toBe(3);
  });

  test("mark a conversation with a running answer, and one with a new answer", async () => {
    await using scene = await openScene();
    const { page, chat, user } = scene;
    const replyTo = { platform: "web", target: { user, conversation: "c2" } };
    await chat.web.createPost(replyTo, chat.post("growing", { turn: "t9", covers: [] }));
    const link = page.getByRole("link", { name: "Garden fence" });
    await expect.poll(() => link.innerText(), patiently).toContain("answering");
    chat.web.turnFinished?.(replyTo, { turn: "t9", text: "growing", covers: [] });
    await expect.poll(() => link.innerText(), patiently).toContain("new answer");
    await link.click();
    await expect.poll(() => link.innerText(), patiently).toBe("Garden fence");
  });

  test("show a new title at once, without disturbing the person's input", async () => {
    await using scene = await openScene();
    const { page, chat, user } = scene;
    const list = page.getByRole("navigation");
    const rename = (id: string, title: string): void => {
      const index = chat.entries.findIndex(({ conversation }) => conversation === `web:${user}:${id}`);
      const [entry] = chat.entries.slice(index);
      if (entry !== undefined) chat.entries.splice(index, 1, { ...entry, title });
      chat.web.titleChanged(webMemory(user, [], { conversation: id }));
    };
    await list.getByRole("link", { name: "Garden fence" }).focus();
    rename("c2", "Fence paint");
    await list.getByRole("link", { name: "Fence paint" }).waitFor();
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Fence paint");
    const field = page.getByLabel("Message", { exact: true });
    await field.fill("half a thou");
    rename("c1", "Sums");
    await expect.poll(() => page.title(), patiently).toContain("Sums");
    await field.pressSequentially("ght");
    expect(await field.inputValue()).toBe("half a thought");
    await page.getByRole("button", { name: "Rename" }).click();
    const named = page.getByRole("dialog").getByRole("textbox");
    await named.fill("Mine");
    rename("c1", "Other sums");
    await expect.poll(() => page.title(), patiently).toContain("Other sums");
    expect(await named.inputValue()).toBe("Mine");
  });

  test("ask the model again when an answered question is edited, and say so", async () => {
    await using scene = await openScene();
    const { page, chat } = scene;
    await page.locator(".message.user").last().hover();
    await page.getByRole("button", { name: "Edit this message" }).last().click();
    await page.getByRole("dialog").getByRole("textbox").fill("three");
    await page.getByRole("button", { name: "Save and ask again" }).click();
    await expect
      .poll(() => chat.accepted, patiently)
      .toMatchObject([{ kind: "edited", message: "m2", text: "three" }]);
  });

  test("give back a message that is too long, with the limit", async () => {
    await using scene = await openScene();
    const { page } = scene;
    const field = page.getByLabel("Message", { exact: true });
    await field.fill("x".repeat(100_001));
    await page.getByRole("button", { name: "Send" }).click();
    await expect
      .poll(() => page.locator(".fault").allInnerTexts(), patiently)
      .toEqual([expect.stringContaining("may have 100,000 characters; this has 100,001.")]);
    expect((await field.inputValue()).length).toBe(100_001);
    expect(await page.locator(".message.waiting").count()).toBe(0);
  });

  test("keep what is typed before the scripts are loaded", async () => {
    await using chat = await openChat();
    const context = await browser.newContext();
    const page = await context.newPage();
    const { promise, resolve } = Promise.withResolvers<void>();
    await page.route(/app\.js$/u, async (route) => {
      await promise;
      await route.continue();
    });
    await page.goto(chat.url, { waitUntil: "commit" });
    const field = page.getByLabel("Message", { exact: true });
    await field.fill("typed early");
    await field.press("Enter");
    expect(await page.getByRole("button", { name: "Send" }).isDisabled()).toBe(true);
    resolve();
    await expect.poll(() => page.getByRole("button", { name: "Send" }).isDisabled(), patiently).toBe(false);
    expect(await field.inputValue()).toContain("typed early");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("text");
    expect(new URL(page.url()).search).toBe("");
    await context.close();
  });

  test("do by keyboard what the shortcuts say", async () => {
    await using scene = await openScene({ permissions: ["clipboard-read", "clipboard-write"] });
    const { page, chat, user } = scene;
    const field = page.getByLabel("Message", { exact: true });
    const focused = () => page.evaluate(() => document.activeElement?.id);
    const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
    await page.keyboard.press("/");
    expect(await focused()).toBe("text");
    expect(await field.inputValue()).toBe("/");
    expect(await page.getByRole("option").count()).toBe(4);
    await page.keyboard.press("Escape");
    expect(await page.getByRole("option").count()).toBe(0);
    await field.fill("");
    await page.keyboard.press("ArrowUp");
    expect(await page.getByRole("dialog").getByRole("textbox").inputValue()).toBe("two");
    await page.keyboard.press("Escape");
    await expect.poll(focused, patiently).toBe("text");
    await page.keyboard.press("Control+Shift+C");
    await expect.poll(clipboard, patiently).toBe(answer);
    await expect.poll(() => page.locator(".toast").allInnerTexts(), patiently).toEqual(["Answer copied"]);
    await page.keyboard.type("a draft?");
    await page.keyboard.press("Alt+ArrowUp");
    await page.keyboard.press("Alt+ArrowDown");
    await expect.poll(() => page.title(), patiently).toContain("Garden fence");
    expect(await field.inputValue()).toBe("");
    const replyTo = { platform: "web", target: { user, conversation: "c2" } };
    await chat.web.createPost(replyTo, chat.post("growing", { turn: "t9", covers: [] }));
    await page.locator(".message.running").waitFor();
    await page.keyboard.press("Escape");
    await expect
      .poll(() => chat.accepted.at(-1), patiently)
      .toMatchObject({ kind: "pressed", action: "stop", on: "t9" });
    await page.keyboard.press("Alt+ArrowUp");
    await expect.poll(() => page.title(), patiently).toContain("Numbers");
    expect(await field.inputValue()).toBe("a draft?");
    await page.keyboard.press("Control+k");
    await expect.poll(focused, patiently).toBe("find");
    await page.keyboard.press("Control+Shift+O");
    await expect.poll(() => page.title(), patiently).toContain("New conversation");
    expect(await focused()).toBe("text");
  });

  test("list the shortcuts, and can do without those of one key", async () => {
    await using scene = await openScene({ bypassCSP: true });
    const { page } = scene;
    const sheet = page.getByRole("dialog", { name: "Keyboard shortcuts" });
    const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim());
    await page.getByRole("button", { name: "Keyboard shortcuts" }).click();
    expect(await sheet.getByText("New conversation").locator("..").innerText()).toContain("Ctrl+Shift+O");
    expect(await focused()).toBe("Close");
    expect(await faultsOn(page)).toEqual([]);
    await sheet.getByRole("checkbox").uncheck();
    await page.keyboard.press("Escape");
    await expect.poll(focused, patiently).toBe("Keyboard shortcuts");
    await page.keyboard.press("?");
    await page.keyboard.press("/");
    expect(await focused()).toBe("Keyboard shortcuts");
    await page.keyboard.press("Control+/");
    await sheet.getByRole("checkbox").check();
    await page.keyboard.press("Escape");
    await expect.poll(focused, patiently).toBe("Keyboard shortcuts");
    await page.keyboard.press("?");
    await expect.poll(() => sheet.isVisible(), patiently).toBe(true);
  });
});
