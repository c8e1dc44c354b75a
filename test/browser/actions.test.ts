/// <reference lib="dom" />

import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { Action } from "../../src/domain/action.ts";
import { faultsOn } from "../support/web/axe.ts";
import { browserIsMissing, launchBrowser } from "../support/web/browser.ts";
import { openChat, type Chat } from "../support/web/open-chat.ts";
import { openPage } from "../support/web/open-page.ts";

const patiently = { timeout: 60_000, interval: 20 };
const actions: readonly Action[] = [
  { id: "stop", label: "Approve", style: "button", emphasis: "primary", on: "t1", value: "call 1" },
  { id: "give-command", label: "Decline", style: "button", emphasis: "danger", on: "t1" },
];
const looks = [
  ["desktop", "light", { width: 1_280, height: 800 }],
  ["phone", "dark", { width: 390, height: 844 }],
] as const;

describe.skipIf(browserIsMissing)(`buttons under answers on the page ${browserIsMissing ?? ""}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  interface Scene extends AsyncDisposable {
    readonly chat: Chat;
    readonly page: Page;
    readonly post: string;
    readonly buttons: Locator;
  }

  /** A page on which an answer asks, with two buttons. */
  async function openScene(options: Parameters<typeof openPage>[2] = {}): Promise<Scene> {
    const opened = new AsyncDisposableStack();
    const chat = opened.use(await openChat());
    const page = await openPage(browser, `${chat.url}/#c1`, options);
    await page.locator(".welcome").waitFor();
    await page.getByLabel("Message", { exact: true }).fill("Shall we?");
    await page.getByRole("button", { name: "Send" }).click();
    await expect.poll(() => chat.accepted.length, patiently).toBe(1);
    const post = await chat.web.createPost(chat.replyTo(), chat.post("May I?", { covers: [], actions }));
    const buttons = page.getByRole("group", { name: "Answer Threadkeeper" }).getByRole("button");
    await expect.poll(() => buttons.allInnerTexts(), patiently).toEqual(["Approve", "Decline"]);
    return { chat, page, post, buttons, [Symbol.asyncDispose]: () => opened.disposeAsync() };
  }

  test("are pressed with the keyboard or a click, and the press has the button's label", async () => {
    await using scene = await openScene();
    const { chat, page, buttons } = scene;
    await buttons.first().focus();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await expect.poll(() => chat.accepted.length, patiently).toBe(2);
    await buttons.first().click();
    await expect.poll(() => chat.accepted.length, patiently).toBe(3);
    const [, declined, approved] = chat.accepted;
    expect(declined).toMatchObject({ kind: "pressed", action: "give-command", on: "t1" });
    expect(declined).not.toHaveProperty("value");
    expect(approved).toMatchObject({ kind: "pressed", action: "stop", on: "t1", value: "call 1" });
  });

  test("appear again after a reload, and disappear with the answer, whose text then has the focus", async () => {
    await using scene = await openScene();
    const { chat, page, post, buttons } = scene;
    await page.reload();
    await expect.poll(() => buttons.allInnerTexts(), patiently).toEqual(["Approve", "Decline"]);
    await buttons.first().focus();
    await chat.web.editPost(chat.replyTo(), post, chat.post("May I? I may."));
    await expect.poll(() => buttons.count(), patiently).toBe(0);
    const focused = () => page.evaluate(() => document.activeElement?.className);
    expect(await focused()).toContain("assistant");
    await chat.web.editPost(chat.replyTo(), post, chat.post("May I? I may. Sure?", { actions }));
    await expect.poll(() => buttons.count(), patiently).toBe(2);
    chat.web.turnFinished?.(chat.replyTo(), { turn: "t1", text: "Done.", covers: [] });
    await expect
      .poll(() => page.locator(".message.assistant .body").allInnerTexts(), patiently)
      .toEqual(["Done."]);
    expect(await buttons.count()).toBe(0);
  });

  test("are announced to screen readers with their question", async () => {
    await using scene = await openScene();
    await expect.poll(() => scene.page.locator("#announcer").textContent(), patiently).toBe("May I?");
  });

  test.each(looks)("have no fault that axe finds, on a %s, in %s", async (device, colorScheme, viewport) => {
    const isPhone = device === "phone";
    const touch = { hasTouch: isPhone, isMobile: isPhone };
    await using scene = await openScene({ viewport, colorScheme, bypassCSP: true, ...touch });
    const { page, buttons } = scene;
    expect(await faultsOn(page)).toEqual([]);
    if (!isPhone) return;
    const heights = await buttons.evaluateAll((all) =>
      all.map((each) => each.getBoundingClientRect().height),
    );
    for (const height of heights) expect(height).toBeGreaterThanOrEqual(44);
  });
});
