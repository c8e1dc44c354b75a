/// <reference lib="dom" />

import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { startBot, type BotProcess } from "../support/bot-process.ts";
import { freePort } from "../support/redis-server.ts";
import { startMarkedModel } from "../support/stages/marked-model.ts";
import { says } from "../support/openai/script.ts";
import { openTcpGate } from "../support/tcp-gate.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { browserIsMissing, launchBrowser } from "../support/web/browser.ts";
import { answersOn, openPage, saidOn } from "../support/web/open-page.ts";

const patiently = { timeout: 60_000, interval: 20 };

describe.skipIf(browserIsMissing)(`the page in a browser ${browserIsMissing ?? ""}`, () => {
  let browser: Browser;
  const folder = temporaryFolder();
  let bot: BotProcess;
  beforeAll(async () => {
    browser = await launchBrowser();
    bot = await startBot({ DATA_DIR: folder.path });
  });
  afterAll(async () => {
    await browser.close();
    await bot[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  const open = (url: string, options: BrowserContextOptions = {}): Promise<Page> =>
    openPage(browser, url, options);
  const [answers, own] = [answersOn, saidOn];

  async function say(page: Page, text: string): Promise<void> {
    const before = (await answers(page)).length;
    await page.getByLabel("Message", { exact: true }).fill(text);
    await page.keyboard.press("Enter");
    await expect.poll(async () => (await answers(page)).length, patiently).toBe(before + 1);
  }

  /** The seconds in which what was just deleted can be undone, on a page whose clock is the test's. */
  async function passUndo(page: Page): Promise<void> {
    await page.getByRole("button", { name: "Undo" }).waitFor();
    await page.clock.runFor(8_000);
  }

  test("answers, and shows the conversation again after a reload and a restart of the bot", async () => {
    using own1 = temporaryFolder();
    const settings = { DATA_DIR: own1.path, PORT: String(await freePort()) };
    const first = await startBot(settings);
    const page = await open(first.url);
    await say(page, "My bicycle is green");
    await say(page, "What colour is my bicycle?");
    expect((await answers(page))[1]).toContain("My bicycle is green");
    // A minute may pass in between.
    const shown = async (): Promise<string> =>
      (await page.locator("#log").innerText()).replaceAll(/· (?:just now|\d+ min ago)/gu, "· a moment ago");
    const before = await shown();
    await page.reload();
    await expect.poll(shown, patiently).toBe(before);
    await first.stop();
    await using second = await startBot(settings);
    await expect.poll(() => page.locator("#connection").innerText(), patiently).toBe("");
    await say(page, "And again: which colour is the bicycle?");
    expect((await answers(page))[2]).toContain("My bicycle is green");
    expect(second.url).toBe(first.url);
  });

  test("keeps messages that are written offline, and sends them once when it is online", async () => {
    await using gate = await openTcpGate(Number(new URL(bot.url).port));
    const page = await open(`http://127.0.0.1:${gate.port}`);
    await say(page, "before");
    gate.cut();
    await expect.poll(() => page.locator("#connection").innerText(), patiently).toContain("Not connected");
    await page.getByLabel("Message", { exact: true }).fill("written meanwhile");
    await page.keyboard.press("Enter");
    expect(await page.locator(".message.waiting").innerText()).toContain("not sent yet");
    gate.restore();
    await expect.poll(async () => (await answers(page)).length, patiently).toBe(2);
    expect(await own(page)).toEqual(["before", "written meanwhile"]);
  });

  test("sends everything written during a long disconnection, in order, also after a reload", async () => {
    await using gate = await openTcpGate(Number(new URL(bot.url).port));
    const page = await open(`http://127.0.0.1:${gate.port}`);
    await say(page, "before");
    gate.cut();
    await expect.poll(() => page.locator("#connection").innerText(), patiently).toContain("Not connected");
    // More than the server takes in a second.
    const written = Array.from({ length: 35 }, (_, index) => `written ${index}`);
    for (const each of written) {
      await page.getByLabel("Message", { exact: true }).fill(each);
      await page.keyboard.press("Enter");
    }
    gate.restore();
    await page.reload();
    await expect.poll(() => own(page), patiently).toEqual(["before", ...written]);
    expect(await page.locator(".waiting, .fault").count()).toBe(0);
  });

  test("keeps two pages of one person in sync", async () => {
    const one = await open(bot.url);
    const two = await one.context().newPage();
    await two.goto(bot.url);
    await say(one, "Said on the first page");
    const entry = two.getByRole("navigation").getByRole("link", { name: "Said on the first page" });
    await entry.click();
    await expect.poll(() => own(two), patiently).toEqual(["Said on the first page"]);
    await say(two, "Said on the second");
    await expect.poll(() => own(one), patiently).toEqual(["Said on the first page", "Said on the second"]);
    await expect.poll(async () => (await answers(one)).length, patiently).toBe(2);
    await two.clock.install();
    await two.getByRole("button", { name: "Delete", exact: true }).click();
    await two.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await passUndo(two);
    await expect.poll(() => one.locator("#conversations li").count(), patiently).toBe(0);
  });

  test("shows a summary to the person alone, and resets the conversation", async () => {
    const page = await open(bot.url);
    await say(page, "We paint the fence on Sunday");
    await page.getByRole("button", { name: "/summary" }).click();
    await expect
      .poll(() => page.locator(".notice").allInnerTexts(), patiently)
      .toEqual([expect.stringContaining("We paint the fence on Sunday")]);
    await page.getByLabel("Message", { exact: true }).fill("/reset");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").getByRole("button", { name: "Start fresh" }).click();
    await expect.poll(() => page.locator(".notice").count(), patiently).toBe(2);
    await say(page, "What do we paint?");
    expect((await answers(page)).at(-1)).not.toContain("fence");
    await expect.poll(() => page.getByRole("separator").innerText(), patiently).toContain("Memory reset");
  });

  test("edits and deletes messages, and the bot's memory and answers follow", async () => {
    const page = await open(bot.url);
    await say(page, "The code is amber");
    const other = await page.context().newPage();
    await other.goto(page.url());
    await expect.poll(() => own(other), patiently).toEqual(["The code is amber"]);
    await page.getByRole("button", { name: "Edit this message" }).click();
    await page.getByRole("dialog").getByRole("textbox").fill("The code is violet");
    await page.getByRole("button", { name: "Save" }).click();
    for (const each of [page, other]) {
      await expect.poll(() => own(each), patiently).toEqual(["The code is violet"]);
      // It told the old code.
      await expect.poll(() => answers(each), patiently).toEqual([]);
    }
    await say(page, "Which code?");
    expect((await answers(page))[0]).toContain("The code is violet");
    await page.clock.install();
    await page.getByRole("button", { name: "Delete this message" }).first().click();
    await expect
      .poll(() => page.getByRole("dialog").innerText(), patiently)
      .toContain("Delete this message?");
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await passUndo(page);
    for (const each of [page, other]) {
      await expect.poll(() => own(each), patiently).toEqual(["Which code?"]);
      await expect.poll(() => answers(each), patiently).toEqual([]);
    }
    await expect
      .poll(() => page.locator("#conversations li").allInnerTexts(), patiently)
      .toEqual(["Which code?"]);
    expect(await page.locator("body").innerText()).not.toContain("violet");
    await page.reload();
    await expect.poll(() => own(page), patiently).toEqual(["Which code?"]);
    expect(await page.locator("body").innerText()).not.toContain("violet");
  });

  test("has several conversations: created, renamed, switched, deleted", async () => {
    const page = await open(bot.url);
    await say(page, "First talk");
    await page.getByRole("button", { name: "New conversation" }).click();
    await say(page, "Second talk");
    expect((await answers(page)).join()).not.toContain("First talk");
    const list = page.getByRole("navigation").getByRole("link");
    expect(await list.allInnerTexts()).toEqual(["Second talk", "First talk"]);
    await page.getByRole("button", { name: "Rename" }).click();
    await page.getByRole("dialog").getByRole("textbox").fill("Garden");
    await page.keyboard.press("Enter");
    await expect.poll(() => list.allInnerTexts(), patiently).toEqual(["Garden", "First talk"]);
    await list.nth(1).click();
    await expect.poll(() => own(page), patiently).toEqual(["First talk"]);
    await page.goBack();
    await expect.poll(() => own(page), patiently).toEqual(["Second talk"]);
    await page.getByRole("button", { name: "Delete", exact: true }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await expect.poll(() => list.allInnerTexts(), patiently).toEqual(["First talk"]);
    await page.reload();
    await expect.poll(() => list.allInnerTexts(), patiently).toEqual(["First talk"]);
  });

  test("removes an emptied conversation and its title from all open pages, and keeps the receipt visible", async () => {
    const page = await open(bot.url);
    await say(page, "First talk");
    await page.getByRole("button", { name: "Rename" }).click();
    await page.getByRole("dialog").getByRole("textbox").fill("Garden");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "New conversation" }).click();
    await say(page, "Second talk");
    const other = await page.context().newPage();
    await other.goto(bot.url);
    const lists = [page, other].map((each) => each.getByRole("navigation").getByRole("link"));
    for (const list of lists)
      await expect.poll(() => list.allInnerTexts(), patiently).toEqual(["Second talk", "Garden"]);
    await page.getByLabel("Message", { exact: true }).fill("/forget this yes");
    await page.keyboard.press("Enter");
    for (const list of lists) await expect.poll(() => list.allInnerTexts(), patiently).toEqual(["Garden"]);
    await page.getByLabel("Message", { exact: true }).fill("/forget me yes");
    await page.keyboard.press("Enter");
    for (const list of lists) await expect.poll(() => list.allInnerTexts(), patiently).toEqual([]);
    await expect.poll(() => page.locator("#log").innerText(), patiently).toContain("Done. I deleted");
    await page.reload();
    await expect.poll(() => page.locator("#title").innerText(), patiently).toBe("New conversation");
    expect(await lists[0]?.allInnerTexts()).toEqual([]);
  });

  test("works with the keyboard alone", async () => {
    const page = await open(bot.url);
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Skip to the message box");
    await page.keyboard.press("Enter");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("text");
    await page.keyboard.type("line one");
    await page.keyboard.press("Shift+Enter");
    await page.keyboard.type("line two");
    await page.keyboard.press("Enter");
    await expect.poll(() => own(page), patiently).toEqual(["line one\nline two"]);
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("text");
    await page.getByRole("button", { name: "Rename" }).focus();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Escape");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("rename");
  });

  test("describes its parts to a screen reader, and announces an answer when it is complete", async () => {
    const page = await open(bot.url);
    await say(page, "Is anybody there?");
    await expect.poll(() => page.locator("#announcer").textContent(), patiently).toContain("Demo model");
    const nameless = await page.evaluate(() =>
      [...document.querySelectorAll("button,a,input,textarea,[role=log],nav,aside,[role=group]")]
        .filter((node) => !(node.closest("dialog") ?? node).matches("dialog:not([open])"))
        .filter((node) => (node.getAttribute("aria-label") ?? node.textContent ?? "").trim() === "")
        .filter((node) => document.querySelector(`label[for="${node.id}"]`) === null)
        .map((node) => node.outerHTML),
    );
    expect(nameless).toEqual([]);
    for (const role of ["main", "complementary", "navigation", "log"] as const) {
      expect(await page.getByRole(role).count()).toBe(1);
    }
  });

  test.each(["light", "dark"] as const)("is legible in %s, also on a narrow screen", async (colorScheme) => {
    const page = await open(bot.url, { colorScheme, viewport: { width: 320, height: 640 } });
    await say(page, `A long word: ${"x".repeat(200)}`);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
    const contrasts = await page.evaluate(() => {
      const numbers = (color: string): readonly number[] => (color.match(/[\d.]+/gu) ?? []).map(Number);
      const light = (color: string): number => {
        const [r = 0, g = 0, b = 0] = numbers(color).map((channel) => {
          const share = channel / 255;
          return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const paper = (node: Element): string => {
        for (let each: Element | null = node; each !== null; each = each.parentElement) {
          const { backgroundColor } = getComputedStyle(each);
          if (numbers(backgroundColor)[3] !== 0) return backgroundColor;
        }
        return "rgb(255, 255, 255)";
      };
      return [...document.querySelectorAll("h1,p,button,.body,.who,a,textarea")].flatMap((node) => {
        if (!node.checkVisibility()) return [];
        const [one, other] = [light(getComputedStyle(node).color), light(paper(node))].toSorted(
          (a, b) => b - a,
        );
        return [((one ?? 0) + 0.05) / ((other ?? 0) + 0.05)];
      });
    });
    expect(Math.min(...contrasts)).toBeGreaterThanOrEqual(4.5);
    await page.getByRole("button", { name: "Show conversations" }).click();
    await expect
      .poll(() => page.getByRole("navigation").getByRole("link").first().isVisible(), patiently)
      .toBe(true);
    await page.keyboard.press("Escape");
    await expect.poll(() => page.getByRole("navigation").isVisible(), patiently).toBe(false);
  });

  describe("behind a door with a token", () => {
    const token = "a-token-of-the-test";
    const own1 = temporaryFolder();
    let closed: BotProcess;
    beforeAll(async () => {
      closed = await startBot({ DATA_DIR: own1.path, WEB_TOKEN: token });
    });
    afterAll(async () => {
      await closed[Symbol.asyncDispose]();
      own1[Symbol.dispose]();
    });

    test("signs a person out on all tabs, after a confirmation", async () => {
      const page = await open(closed.url);
      await page.getByLabel("Access token").fill(token);
      await page.keyboard.press("Enter");
      await page.locator("#composer").waitFor();
      await page.waitForLoadState("load");
      await say(page, "My secret is green");
      const tab = await page.context().newPage();
      await tab.goto(closed.url);
      await expect.poll(() => tab.locator("#sign-out").isVisible(), patiently).toBe(true);
      await page.locator("#sign-out button").click();
      await page.getByRole("dialog").getByRole("button", { name: "Sign out" }).click();
      await page.getByLabel("Access token").waitFor();
      await tab.getByLabel("Access token").waitFor();
      await page.getByLabel("Access token").fill(token);
      await page.keyboard.press("Enter");
      await page.locator("#composer").waitFor();
      await page.waitForLoadState("load");
      expect(await page.locator("#log").innerText()).not.toContain("My secret is green");
    });

    test("signs a person in with the token, and says when it is wrong", async () => {
      const page = await open(closed.url);
      expect(await page.getByText("isn't right").isVisible()).toBe(false);
      await page.getByLabel("Access token").fill("guess");
      await page.keyboard.press("Enter");
      await expect.poll(() => page.getByRole("alert").innerText(), patiently).toContain("isn't right");
      await page.getByLabel("Access token").fill(token);
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.locator("#composer").waitFor();
      await page.waitForLoadState("load");
      await say(page, "I am in");
      expect(await page.context().cookies()).toMatchObject([{ httpOnly: true, sameSite: "Strict" }]);
    });
  });

  describe("with a model whose answers the test knows", () => {
    const own1 = temporaryFolder();
    let model: Awaited<ReturnType<typeof startMarkedModel>>;
    let answering: BotProcess;
    beforeAll(async () => {
      model = await startMarkedModel();
      answering = await startBot({ ...model.settings, DATA_DIR: own1.path });
    });
    afterAll(async () => {
      await answering[Symbol.asyncDispose]();
      await model[Symbol.asyncDispose]();
      own1[Symbol.dispose]();
    });

    test("stops an answer and keeps its text so far", async () => {
      model.hold();
      const page = await open(answering.url);
      await page.getByLabel("Message", { exact: true }).fill("tell me everything");
      await page.keyboard.press("Enter");
      await expect.poll(() => page.locator(".running").innerText(), patiently).toContain("Half an answer");
      await page.reload();
      await expect.poll(() => page.locator(".running").innerText(), patiently).toContain("Half an answer");
      await page.getByRole("button", { name: "Stop" }).click();
      await expect
        .poll(() => answers(page), patiently)
        .toEqual([expect.stringMatching(/Half an answer, and\s+\(Stopped here\.\)/u)]);
      expect(await page.getByRole("button", { name: "Stop" }).isVisible()).toBe(false);
    });

    test("executes no text of a person or of the model", async () => {
      const attack = [
        "<img src=x onerror=alert(1)><script>alert(2)</script>",
        "[click](javascript:alert(3)) ![pixel](https://evil.example/p.png)",
        "<form action=https://evil.example><input name=q></form><style>*{display:none}</style>",
      ].join("\n\n");
      model.answerWith(() => says(attack));
      const page = await open(answering.url);
      const asked: string[] = [];
      page.on("request", (request) => asked.push(request.url()));
      page.on("dialog", (dialog) => {
        asked.push(`dialog ${dialog.message()}`);
        void dialog.dismiss();
      });
      await say(page, attack);
      expect(await own(page)).toEqual([attack]);
      const tags = await page
        .locator("#log")
        .evaluate(
          (log) => [...log.querySelectorAll("img,script,style,form,input,iframe,[onerror],[style]")].length,
        );
      expect(tags).toBe(0);
      expect(await page.locator("#log a[href^='javascript']").count()).toBe(0);
      expect(asked.filter((url) => !url.startsWith(answering.url) && !url.startsWith("ws:"))).toEqual([]);
    });
  });
});
