/// <reference lib="dom" />

import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { browserIsMissing, launchBrowser } from "../support/web/browser.ts";
import { openChat, type Chat } from "../support/web/open-chat.ts";
import { openPage } from "../support/web/open-page.ts";

const patiently = { timeout: 60_000, interval: 20 };

describe.skipIf(browserIsMissing)(`a command on the page ${browserIsMissing ?? ""}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  interface Scene extends AsyncDisposable {
    readonly chat: Chat;
    readonly page: Page;
    readonly field: Locator;
    readonly options: () => Promise<readonly string[]>;
  }

  async function openScene(): Promise<Scene> {
    const opened = new AsyncDisposableStack();
    const chat = opened.use(await openChat());
    const page = await openPage(browser, `${chat.url}/#c1`);
    await expect.poll(() => page.locator(".welcome").count(), patiently).toBe(1);
    const field = page.getByLabel("Message", { exact: true });
    const options = (): Promise<readonly string[]> => page.getByRole("option").allInnerTexts();
    await field.focus();
    return { chat, page, field, options, [Symbol.asyncDispose]: () => opened.disposeAsync() };
  }

  test("is offered while it is typed, with its options, and sent as typed", async () => {
    await using scene = await openScene();
    const { page, chat, field, options } = scene;
    await page.keyboard.type("/");
    expect(await options()).toEqual([
      expect.stringContaining("/reset Start afresh"),
      expect.stringContaining("/recall <words> [share] Find what was said"),
      expect.stringContaining("/forget"),
      expect.stringContaining("/help"),
    ]);
    await page.keyboard.press("ArrowDown");
    const chosen = page.getByRole("option", { selected: true });
    expect(await chosen.innerText()).toContain("/recall");
    expect(await field.getAttribute("aria-activedescendant")).toBe(await chosen.getAttribute("id"));
    await page.keyboard.press("Enter");
    expect(await field.inputValue()).toBe("/recall ");
    expect(await options()).toEqual([]);
    expect(await page.locator("#usage").innerText()).toBe(
      "/recall <words> [share] · words: some words of it · share: show it to everybody",
    );
    await page.keyboard.type('the  "big" Fence');
    await page.keyboard.press("Shift+Enter");
    await page.keyboard.type("share");
    await page.keyboard.press("Enter");
    await expect.poll(() => chat.accepted.length, patiently).toBe(1);
    expect(chat.accepted).toMatchObject([
      { kind: "commanded", name: "recall", argument: 'the  "big" Fence\nshare' },
    ]);
    expect(await page.locator("#usage").isVisible()).toBe(false);
    expect(await page.locator("#log .message").count()).toBe(0);
  });

  test("is filtered by what is typed, completed with Tab, and dismissed with Escape", async () => {
    await using scene = await openScene();
    const { page, field, options } = scene;
    await page.keyboard.type("/REC");
    expect(await options()).toHaveLength(1);
    await page.keyboard.press("Escape");
    expect(await options()).toEqual([]);
    await page.keyboard.type("A");
    await page.keyboard.press("Tab");
    expect(await field.inputValue()).toBe("/recall ");
    await field.fill("");
    await page.keyboard.type("/");
    await page.getByRole("option").first().click();
    expect(await field.inputValue()).toBe("/reset ");
    await field.fill("what /re");
    expect(await options()).toEqual([]);
  });

  test("runs at once if it needs no argument", async () => {
    await using scene = await openScene();
    const { page, chat } = scene;
    await page.keyboard.type("/Help");
    await page.keyboard.press("Enter");
    await expect.poll(() => chat.accepted.length, patiently).toBe(1);
    await page.getByRole("button", { name: "/help" }).click();
    await expect.poll(() => chat.accepted.length, patiently).toBe(2);
    for (const each of chat.accepted) {
      expect(each).toMatchObject({ kind: "commanded", name: "help", argument: "" });
    }
  });

  test("waits for its argument when its button is pressed, and takes text that is already typed", async () => {
    await using scene = await openScene();
    const { page, chat, field } = scene;
    await field.fill("the fence");
    await page.getByRole("button", { name: "/recall" }).click();
    expect(await field.inputValue()).toBe("/recall the fence");
    await page.keyboard.press("Enter");
    await expect.poll(() => chat.accepted.length, patiently).toBe(1);
    expect(chat.accepted).toMatchObject([{ kind: "commanded", name: "recall", argument: "the fence" }]);
  });

  test("that is unknown gets an error", async () => {
    await using scene = await openScene();
    const { page, chat } = scene;
    await page.keyboard.type("/etc/hosts and /recall");
    await page.keyboard.press("Enter");
    await expect.poll(() => chat.accepted.length, patiently).toBe(1);
    expect(chat.accepted).toMatchObject([{ kind: "said", message: { text: "/etc/hosts and /recall" } }]);
  });

  test("gets a readable answer, also a long one: lists, links to messages, tables", async () => {
    await using scene = await openScene();
    const { page, chat } = scene;
    await page.keyboard.type("hello");
    await page.keyboard.press("Enter");
    await expect.poll(() => chat.accepted.length, patiently).toBe(1);
    const lines = Array.from({ length: 60 }, (_, index) => `- point ${index} ([source](/#c/c1/m${index}))`);
    await chat.web.sendPrivately(chat.replyTo(), [
      `**What was said**\n\n${lines.join("\n")}\n\n| a | b |\n|---|---|\n| 1 | 2 |`,
    ]);
    const notice = page.locator(".notice");
    await expect.poll(() => notice.getByRole("listitem").count(), patiently).toBe(60);
    expect(await notice.getByRole("link").count()).toBe(60);
    expect(await notice.getByRole("table").count()).toBe(1);
    expect(await notice.innerText()).toContain("This isn't saved. It disappears when you reload the page.");
  });
});
