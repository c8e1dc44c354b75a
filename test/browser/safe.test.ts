/// <reference lib="dom" />

import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { meaningOf } from "../../src/conversation/inbounds/press-actions.ts";
import { browserIsMissing, launchBrowser } from "../support/web/browser.ts";
import { openChat, type Chat } from "../support/web/open-chat.ts";
import { openPage, saidOn, stopTime, userOf } from "../support/web/open-page.ts";
import { remembered, webMemory } from "../support/web/web-memory.ts";

const patiently = { timeout: 60_000, interval: 20 };
/** Where each look takes a frame of the pages' time. */
const slowly = { timeout: 60_000, interval: 200 };

describe.skipIf(browserIsMissing)(`an irreversible action on the page ${browserIsMissing ?? ""}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  interface Scene extends AsyncDisposable {
    readonly chat: Chat;
    readonly page: Page;
    readonly user: string;
    readonly dialog: Locator;
    readonly type: (text: string) => Promise<void>;
    readonly button: (name: string) => Locator;
    readonly orders: () => readonly string[];
  }

  /** A page at `c1`, where two questions were answered. */
  async function openScene(): Promise<Scene> {
    const opened = new AsyncDisposableStack();
    const chat = opened.use(await openChat());
    const said = [
      remembered(1, "m1", "one"),
      remembered(2, "t1", "uno"),
      remembered(3, "m2", "two"),
      remembered(4, "t2", "dos"),
    ];
    const page = await openPage(browser, `${chat.url}/#c1`, {}, (user) => {
      const conversation = `web:${user}:c1` as const;
      chat.memories.set(conversation, webMemory(user, said));
      chat.entries.push({ conversation, platform: "web", place: user, title: "Numbers", lastAtMs: 1 });
    });
    await expect.poll(async () => (await saidOn(page)).length, patiently).toBe(2);
    const dialog = page.getByRole("dialog");
    return {
      chat,
      page,
      user: await userOf(page),
      dialog,
      type: async (text) => {
        await page.getByLabel("Message", { exact: true }).fill(text);
        await page.keyboard.press("Enter");
      },
      button: (name) => dialog.getByRole("button", { name, exact: true }),
      orders: () =>
        chat.accepted.map((each) => {
          const meant = each.kind === "pressed" ? meaningOf(each, Date.now()) : each;
          return meant.kind === "commanded" ? `${meant.name} ${meant.argument}`.trim() : meant.kind;
        }),
      [Symbol.asyncDispose]: () => opened.disposeAsync(),
    };
  }

  const focused = (page: Page): Promise<string | undefined> =>
    page.evaluate(() => document.activeElement?.textContent ?? undefined);

  test("needs a confirmation for a reset, which a button undoes", async () => {
    await using scene = await openScene();
    const { page, dialog, chat, user } = scene;
    await page.locator("#commands").getByRole("button", { name: "/reset" }).click();
    await expect.poll(() => dialog.innerText(), patiently).toContain("you can undo it for 24 hours");
    expect(await focused(page)).toBe("Cancel");
    await page.keyboard.press("Enter");
    expect(await dialog.isVisible()).toBe(false);
    expect(scene.orders()).toEqual([]);
    await scene.type("/reset");
    await scene.button("Start fresh").click();
    await expect.poll(scene.orders, patiently).toEqual(["reset"]);
    const replyTo = { platform: "web", target: { user, conversation: "c1" } };
    const undoing = { label: "Undo", name: "reset", argument: "undo" };
    await chat.web.sendPrivately(
      replyTo,
      ["Fresh start. I'll ignore everything above. Nothing was deleted."],
      AbortSignal.timeout(600_000),
      { id: "offer1", atMs: Date.now(), orElse: "", choices: [undoing] },
    );
    const undo = page.locator(".notice").getByRole("button", { name: "Undo" });
    await undo.click();
    await expect.poll(scene.orders, patiently).toEqual(["reset", "reset undo"]);
    expect(chat.accepted.at(-1)).toMatchObject({ kind: "pressed", on: "offer1" });
    await expect.poll(() => undo.count(), patiently).toBe(0);
  });

  test("runs through the buttons under a line that asks", async () => {
    await using scene = await openScene();
    const { page, chat, user } = scene;
    const replyTo = { platform: "web", target: { user, conversation: "c1" } };
    const choices = [
      { label: "Delete for good", name: "forget", argument: "this yes", isDangerous: true },
      { label: "Cancel", name: "cancel", argument: "" },
    ] as const;
    const ask = (id: string) =>
      chat.web.sendPrivately(replyTo, ["This permanently deletes it."], AbortSignal.timeout(600_000), {
        id,
        atMs: Date.now(),
        orElse: "",
        choices,
      });
    const buttons = page.locator(".notice").getByRole("button");
    await ask("offer1");
    await expect.poll(() => buttons.allInnerTexts(), patiently).toEqual(["Cancel", "Delete for good"]);
    await buttons.first().click();
    await expect.poll(scene.orders, patiently).toEqual(["cancel"]);
    await expect.poll(() => buttons.count(), patiently).toBe(0);
    await ask("offer2");
    await buttons.last().click();
    await expect.poll(scene.orders, patiently).toEqual(["cancel", "forget this yes"]);
    await expect.poll(() => page.locator(".notice").count(), patiently).toBe(0);
  });

  test("needs a confirmation before an erasure, with a button for each choice", async () => {
    await using scene = await openScene();
    const { page, chat, user } = scene;
    const replyTo = { platform: "web", target: { user, conversation: "c1" } };
    await chat.web.sendPrivately(replyTo, ["Found 1 for “one”: **You**: “one”"]);
    await expect.poll(() => page.locator(".notice").count(), patiently).toBe(1);
    await scene.type("/forget");
    await expect.poll(() => scene.dialog.innerText(), patiently).toContain("What should I forget?");
    expect(await focused(page)).toBe("Cancel");
    await scene.button("Everything I said, everywhere").click();
    await expect.poll(() => scene.dialog.innerText(), patiently).toContain("can't be undone");
    expect(await focused(page)).toBe("Cancel");
    expect(scene.orders()).toEqual([]);
    const isRed = await scene.button("Delete for good").evaluate((node) => {
      const [red = 0, green = 0, blue = 0] = (
        getComputedStyle(node).backgroundColor.match(/\d+/gu) ?? []
      ).map(Number);
      return red > green + 60 && red > blue + 60;
    });
    expect(isRed).toBe(true);
    await scene.button("Delete for good").click();
    await expect.poll(scene.orders, patiently).toEqual(["forget me yes"]);
    // What was shown of it above is gone too; what is told since stays.
    await expect.poll(() => page.locator(".notice").count(), patiently).toBe(0);
    await chat.web.sendPrivately(replyTo, ["Deleting now."]);
    await expect.poll(() => page.locator(".notice").count(), patiently).toBe(1);
    await scene.type("/forget this");
    await scene.button("Delete for good").click();
    await expect.poll(scene.orders, patiently).toEqual(["forget me yes", "forget this yes"]);
  });

  test("waits some seconds when a message is deleted, and can be undone", async () => {
    await using scene = await openScene();
    const { page } = scene;
    const undo = page.getByRole("button", { name: "Undo" });
    const first = page.locator(".message.user").first();
    const drawn = await stopTime(page);
    await first.hover();
    await first.getByRole("button", { name: "Delete this message" }).click();
    await expect.poll(() => focused(page), patiently).toBe("Cancel");
    await scene.button("Delete").click();
    await expect
      .poll(
        drawn(() => saidOn(page)),
        slowly,
      )
      .toEqual(["two"]);
    await undo.click();
    await expect
      .poll(
        drawn(() => saidOn(page)),
        slowly,
      )
      .toEqual(["one", "two"]);
    await first.hover();
    await first.getByRole("button", { name: "Delete this message" }).click();
    await scene.button("Delete").click();
    await expect
      .poll(
        drawn(() => undo.count()),
        slowly,
      )
      .toBe(1);
    await page.clock.runFor(5_000);
    expect(await undo.count()).toBe(1);
    expect(scene.orders()).toEqual([]);
    await page.clock.runFor(3_000);
    await expect.poll(() => undo.count(), patiently).toBe(0);
    await expect.poll(scene.orders, patiently).toEqual(["deleted"]);
  });

  test("is sent before the next message, and when the page is left", async () => {
    await using scene = await openScene();
    const { page, chat } = scene;
    const remove = async (): Promise<void> => {
      const first = page.locator(".message.user").first();
      await first.hover();
      await first.getByRole("button", { name: "Delete this message" }).click();
      await scene.button("Delete").click();
      await expect.poll(() => page.getByRole("button", { name: "Undo" }).count(), patiently).toBe(1);
    };
    await remove();
    await scene.type("next");
    await expect.poll(scene.orders, patiently).toEqual(["deleted", "said"]);
    await expect.poll(() => page.getByRole("button", { name: "Undo" }).count(), patiently).toBe(0);
    await remove();
    await page.goto("about:blank");
    await page.goto(`${chat.url}/#c1`);
    await expect.poll(scene.orders, patiently).toEqual(["deleted", "said", "deleted"]);
  });

  test("is not sent by another tab while it can be undone", async () => {
    await using scene = await openScene();
    const { page, chat } = scene;
    const drawn = await stopTime(page);
    await page.getByRole("button", { name: "Delete", exact: true }).click();
    await scene.button("Delete").click();
    await expect
      .poll(
        drawn(() => page.locator("#conversations li").count()),
        slowly,
      )
      .toBe(0);
    const tab = await page.context().newPage();
    await tab.goto(chat.url);
    await expect
      .poll(
        drawn(() => tab.locator("#conversations li").count()),
        slowly,
      )
      .toBe(1);
    await tab.close();
    await page.bringToFront();
    expect(scene.orders()).toEqual([]);
    await page.getByRole("button", { name: "Undo" }).click();
    await expect
      .poll(
        drawn(async () => (await saidOn(page)).length),
        slowly,
      )
      .toBe(2);
    expect(scene.orders()).toEqual([]);
  });

  test("does not follow from a mistyped command, which is not sent to a model without asking", async () => {
    await using scene = await openScene();
    const { page, chat, dialog } = scene;
    await scene.type("/forgt this");
    await expect.poll(() => dialog.innerText(), patiently).toContain("Did you mean /forget?");
    await scene.button("Cancel").click();
    const typed = page.getByLabel("Message", { exact: true });
    await expect.poll(() => typed.inputValue(), patiently).toBe("/forgt this");
    await page.keyboard.press("Enter");
    await scene.button("Use /forget").click();
    await scene.button("Delete for good").click();
    await expect.poll(scene.orders, patiently).toEqual(["forget this yes"]);
    await scene.type("/shrug well");
    await expect.poll(() => dialog.innerText(), patiently).toContain("There's no command /shrug");
    await scene.button("Send as a message").click();
    await expect
      .poll(() => chat.accepted.at(-1), patiently)
      .toMatchObject({ kind: "said", message: { text: "/shrug well" } });
  });

  test("needs a confirmation in any spelling of the command, and paths are no commands", async () => {
    await using scene = await openScene();
    const { page, dialog } = scene;
    const forms = ["／reset", "/ｒｅｓｅｔ", "\u200B/RESET now", "/reset.", "//reset", "/ reset", "\\reset"];
    for (const form of forms) {
      await scene.type(form);
      await expect.poll(() => dialog.innerText(), patiently).toContain("Start fresh?");
      await scene.button("Cancel").click();
    }
    for (const form of ["/réset", "/resetyes", "/fоrget me", "／rest"]) {
      await scene.type(form);
      await expect.poll(() => dialog.innerText(), patiently).toContain("Did you mean");
      await scene.button("Cancel").click();
      await page.getByLabel("Message", { exact: true }).fill("");
    }
    await scene.type("/forget-me");
    await expect.poll(() => dialog.innerText(), patiently).toContain("everything you said, everywhere");
    await scene.button("Cancel").click();
    expect(scene.orders()).toEqual([]);
    await scene.type("/etc/hosts");
    await scene.type("\\alpha is small");
    await expect.poll(scene.orders, patiently).toEqual(["said", "said"]);
  });
});
