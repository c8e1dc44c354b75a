/// <reference lib="dom" />

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { faultsOn } from "../support/web/axe.ts";
import { browserIsMissing, launchBrowser } from "../support/web/browser.ts";
import { openChat } from "../support/web/open-chat.ts";
import { openPage } from "../support/web/open-page.ts";
import { remembered, webMemory } from "../support/web/web-memory.ts";

const patiently = { timeout: 60_000, interval: 20 };
const answer = [
  "# Plan\n\n1. One\n2. Two\n\n```ts\nconst a = 1; // what a very long line of code this is, which has to scroll sideways in any window\n```",
  "- [x] done\n- [ ] to do\n\n| a | b |\n|:--|--:|\n| 1 | 2 |\n\n> quoted, with a [link](https://example.com)",
  "<details><summary>More</summary>\n\ninside\n\n</details>\n\n![chart](https://example.com/a.png)",
].join("\n\n");

const looks = [
  ["desktop", "light", { width: 1_280, height: 800 }],
  ["desktop", "dark", { width: 1_280, height: 800 }],
  ["phone", "light", { width: 390, height: 844 }],
  ["phone", "dark", { width: 390, height: 844 }],
] as const;

describe.skipIf(browserIsMissing)(`the page for every reader ${browserIsMissing ?? ""}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  test.each(looks)("has no fault that axe finds, on a %s, in %s", async (device, colorScheme, viewport) => {
    await using chat = await openChat();
    const isPhone = device === "phone";
    const said = [remembered(1, "m1", "What is the plan?"), remembered(2, "t1", answer)];
    const options = { viewport, colorScheme, hasTouch: isPhone, isMobile: isPhone, bypassCSP: true };
    const page = await openPage(browser, `${chat.url}/#c1`, options, (user) => {
      const conversation = `web:${user}:c1` as const;
      chat.memories.set(conversation, webMemory(user, said));
      chat.entries.push({
        conversation,
        platform: "web",
        place: user,
        title: "The plan",
        lastAtMs: Date.now(),
      });
    });
    await expect.poll(() => page.locator(".message").count(), patiently).toBe(2);
    expect(await faultsOn(page)).toEqual([]);
    const names = await page
      .getByRole("article")
      .evaluateAll((all) => all.map((each) => each.getAttribute("aria-label")));
    expect(names).toEqual([
      expect.stringMatching(/^You, .*1970/u),
      expect.stringMatching(/^Threadkeeper, .*1970/u),
    ]);

    const field = page.getByLabel("Message", { exact: true });
    await field.fill("/");
    await field.focus();
    await expect
      .poll(() => page.getByRole("combobox", { name: "Message" }).getAttribute("aria-expanded"), patiently)
      .toBe("true");
    // ARIA in HTML knows no combobox of several lines; screen readers do.
    expect(await faultsOn(page, { "aria-allowed-role": { enabled: false } })).toEqual([]);
    await field.fill("");

    await page.locator(".message.user").hover();
    await page.getByRole("button", { name: "Delete this message" }).click();
    await page.getByRole("dialog").waitFor();
    expect(await faultsOn(page)).toEqual([]);
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await expect.poll(() => page.getByRole("button", { name: "Undo" }).count(), patiently).toBe(1);
    await page.getByRole("button", { name: "Undo" }).click();
    if (!isPhone) return;
    const small = await page
      .locator("button:visible, a:visible, summary:visible, textarea:visible")
      .evaluateAll((all) =>
        all
          .filter((each) => each.closest(".body p, .skip") === null)
          .map((each) => ({ name: each.outerHTML.slice(0, 80), box: each.getBoundingClientRect() }))
          .filter(({ box }) => box.height < 44 || box.width < 44)
          .map(({ name, box }) => `${Math.round(box.width)} x ${Math.round(box.height)}: ${name}`),
      );
    expect(small).toEqual([]);
    await page.getByRole("button", { name: "Show conversations" }).click();
    await expect.poll(() => page.getByRole("navigation").isVisible(), patiently).toBe(true);
    expect(await faultsOn(page)).toEqual([]);
    await page.locator("#scrim").click({ position: { x: 380, y: 400 } });
    await expect.poll(() => page.getByRole("navigation").isVisible(), patiently).toBe(false);
  });

  test("closes its list on a phone with Back, Escape and a choice, and keeps the focus right", async () => {
    await using chat = await openChat();
    const titles = { c1: "The plan", c2: "The garden" };
    const viewport = { width: 390, height: 844 };
    const page = await openPage(browser, `${chat.url}/#c1`, { viewport }, (user) => {
      for (const [id, title] of Object.entries(titles)) {
        const conversation = `web:${user}:${id}` as const;
        chat.entries.push({ conversation, platform: "web", place: user, title, lastAtMs: Date.now() });
      }
    });
    await expect.poll(() => page.title(), patiently).toContain("The plan");
    const isOpen = () => page.getByRole("navigation").isVisible();
    const focused = () => page.evaluate(() => document.activeElement?.id);
    const open = async (): Promise<void> => {
      await page.getByRole("button", { name: "Show conversations" }).click();
      await expect.poll(isOpen, patiently).toBe(true);
      expect(await focused()).toBe("new");
    };
    const isClosed = async (): Promise<void> => {
      await expect.poll(isOpen, patiently).toBe(false);
      expect(await focused()).toBe("show-list");
    };
    await open();
    await page.goBack();
    await isClosed();
    expect(page.url()).toContain("#c1");
    await open();
    await page.keyboard.press("Escape");
    await isClosed();
    await open();
    await page.getByRole("link", { name: "The plan" }).click();
    await isClosed();
    await open();
    await page.getByRole("link", { name: "The garden" }).click();
    await expect.poll(() => page.title(), patiently).toContain("The garden");
    await isClosed();
    // One step back leads to the conversation before, not to an open list.
    await page.goBack();
    await expect.poll(() => page.title(), patiently).toContain("The plan");
    expect(await isOpen()).toBe(false);
  });

  test("moves nothing for readers who want that, and shows selections in forced colours", async () => {
    await using chat = await openChat();
    const page = await openPage(browser, `${chat.url}/#c1`, {
      reducedMotion: "reduce",
      forcedColors: "active",
    });
    await expect.poll(() => page.locator(".welcome").count(), patiently).toBe(1);
    const field = page.getByLabel("Message", { exact: true });
    await field.fill("Hello");
    await page.keyboard.press("Enter");
    await page.locator(".working").waitFor();
    const moving = () => page.evaluate(() => document.getAnimations().length);
    expect(await moving()).toBe(0);
    await chat.web.createPost(chat.replyTo(), chat.post("It is"));
    await page.locator(".message.running").waitFor();
    expect(await moving()).toBe(0);
    await field.fill("/");
    const bordered = (name: string) =>
      page
        .locator(name)
        .first()
        .evaluate((node) => getComputedStyle(node).borderTopStyle);
    await expect.poll(() => bordered("#menu [aria-selected=true]"), patiently).toBe("solid");
    expect(await bordered("#menu [aria-selected=false]")).toBe("none");
    expect(await bordered("#conversations a[aria-current]")).toBe("solid");
    expect(await bordered(".message.user .body")).toBe("solid");
  });

  test("makes a new line with Enter on touch devices", async () => {
    await using chat = await openChat();
    const page = await openPage(browser, `${chat.url}/#c1`, {
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      isMobile: true,
    });
    await expect.poll(() => page.locator(".welcome").count(), patiently).toBe(1);
    const field = page.getByLabel("Message", { exact: true });
    await field.tap();
    await page.keyboard.type("one");
    await page.keyboard.press("Enter");
    await page.keyboard.type("two");
    expect(await field.inputValue()).toBe("one\ntwo");
    await page.getByRole("button", { name: "Send" }).tap();
    await expect
      .poll(() => chat.accepted, patiently)
      .toMatchObject([{ kind: "said", message: { text: "one\ntwo" } }]);
  });

  test("says answers and a lost connection in words", async () => {
    await using chat = await openChat();
    const page = await openPage(browser, `${chat.url}/#c1`, { viewport: { width: 390, height: 844 } });
    await expect.poll(() => page.locator(".welcome").count(), patiently).toBe(1);
    await page.getByLabel("Message", { exact: true }).fill("What is the plan?");
    await page.getByRole("button", { name: "Send" }).click();
    await expect.poll(() => chat.accepted.length, patiently).toBe(1);
    const [said] = chat.accepted;
    const covers = said?.kind === "said" ? [said.message.id] : [];
    chat.web.turnFinished?.(chat.replyTo(), { turn: "t1", text: answer, covers });
    const spoken = page.locator("#announcer");
    await expect.poll(() => spoken.textContent(), patiently).toContain("Plan. One. Two.");
    expect(await spoken.textContent()).toContain("Code, ts, 1 line. Done: done. To do: to do.");
    expect(await spoken.textContent()).not.toMatch(/[#|`*[\]]/u);
    await chat[Symbol.asyncDispose]();
    const line = page.getByText("Not connected");
    await expect.poll(() => line.isVisible(), patiently).toBe(true);
  });
});
