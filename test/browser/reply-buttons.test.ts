/// <reference lib="dom" />

import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { RememberedMessage } from "../../src/domain/conversation-memory.ts";
import type { Pressed } from "../../src/domain/inbound.ts";
import { markCut } from "../../src/domain/cut-answer.ts";
import { replyActions } from "../../src/domain/reply-actions.ts";
import { faultsOn } from "../support/web/axe.ts";
import { browserIsMissing, launchBrowser } from "../support/web/browser.ts";
import { openChat, type Chat } from "../support/web/open-chat.ts";
import { answersOn, openPage, userOf } from "../support/web/open-page.ts";
import { remembered, webMemory } from "../support/web/web-memory.ts";

const patiently = { timeout: 60_000, interval: 20 };
const question = remembered(1, "1", "Does it leak?");
const answered = { answers: ["1"], turnId: "turn-1" };

describe.skipIf(browserIsMissing)(`the buttons of a finished answer ${browserIsMissing ?? ""}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  interface Scene extends AsyncDisposable {
    readonly chat: Chat;
    readonly page: Page;
    readonly key: string;
    readonly buttons: Locator;
    readonly replyTo: ReturnType<Chat["replyTo"]>;
    /** The turn of a press has ended. */
    readonly remember: (messages: readonly RememberedMessage[]) => void;
  }

  async function openScene(
    reply: Partial<RememberedMessage> = {},
    options: Parameters<typeof openPage>[2] = {},
  ): Promise<Scene> {
    const opened = new AsyncDisposableStack();
    const chat = opened.use(await openChat());
    let user = "";
    const remember = (messages: readonly RememberedMessage[]): void => {
      chat.inbox.splice(0);
      chat.memories.set(`web:${user}:c1`, webMemory(user, messages));
    };
    const page = await openPage(browser, `${chat.url}/#c1`, options, (who) => {
      user = who;
      remember([question, remembered(2, "t1", "It leaks.", { ...answered, ...reply })]);
    });
    await page.locator(".message").last().waitFor();
    expect(await userOf(page)).toBe(user);
    return {
      chat,
      page,
      key: `web:${user}:c1`,
      buttons: page.locator(".tools [data-action]"),
      replyTo: { platform: "web", target: { user, conversation: "c1" } },
      remember,
      [Symbol.asyncDispose]: () => opened.disposeAsync(),
    };
  }

  async function pressesOf({ accepted }: Chat, count: number): Promise<readonly Pressed[]> {
    const presses = () => accepted.filter((each) => each.kind === "pressed");
    await expect.poll(() => presses().length, patiently).toBe(count);
    return presses();
  }

  const labels = ({ buttons }: Scene) => buttons.allInnerTexts();

  test("Regenerate, and two thumbs that are words to screen readers, stand under it", async () => {
    await using scene = await openScene();
    expect(await labels(scene)).toEqual(["Regenerate", "👍", "👎"]);
    const bar = scene.page.getByRole("toolbar", { name: "This answer" });
    for (const name of ["Regenerate", "Good answer", "Bad answer", "Copy this answer"])
      expect(await bar.getByRole("button", { name }).count()).toBe(1);
    expect(await faultsOn(scene.page)).toEqual([]);
  });

  test("a cut answer can be continued, and a notice only tried again", async () => {
    await using cut = await openScene({ text: markCut("It leaks because", "length") });
    expect(await labels(cut)).toEqual(["Continue", "Regenerate", "👍", "👎"]);
    await using notice = await openScene({ role: "notice", text: "I couldn't reach the model." });
    expect(await labels(notice)).toEqual(["Try again"]);
    expect(await faultsOn(notice.page)).toEqual([]);
  });

  test("a reply without a turn, and one from before a reset, can't be given again", async () => {
    await using scene = await openScene();
    const { chat, key, buttons } = scene;
    const [user = ""] = key.split(":").slice(1);
    const messages = [question, remembered(2, "t1", "It leaks.", answered), remembered(3, "t3", "Old.")];
    const memory = webMemory(user, messages, { chapter: 2, since: 2, windowFrom: 4 });
    chat.memories.set(key, memory);
    chat.web.memoryChanged(memory);
    await expect.poll(() => buttons.allInnerTexts(), patiently).toEqual(["👍", "👎"]);
  });

  test("a thumb shows its state at once, can be changed, and a thumbs-down asks for a reason", async () => {
    await using scene = await openScene();
    const { chat, page } = scene;
    const [up, down] = [page.getByLabel("Good answer"), page.getByLabel("Bad answer")];
    const states = () => Promise.all([up, down].map((each) => each.getAttribute("aria-pressed")));
    expect(await states()).toEqual(["false", "false"]);
    await up.click();
    expect(await states()).toEqual(["true", "false"]);
    await down.click();
    expect(await states()).toEqual(["false", "true"]);
    const form = page.getByRole("dialog", { name: "What was wrong?" });
    await page.keyboard.press("Escape");
    await expect.poll(() => form.count(), patiently).toBe(0);
    await down.click();
    await form.getByRole("textbox").fill("  The roof is new.\n");
    expect(await faultsOn(page)).toEqual([]);
    await form.getByRole("button", { name: "Send" }).click();
    const presses = await pressesOf(chat, 3);
    expect(presses.map(({ action, on, value }) => [action, on, value])).toEqual([
      ["thumbs-up", "turn-1", undefined],
      ["thumbs-down", "turn-1", undefined],
      ["thumbs-down", "turn-1", "The roof is new."],
    ]);
    expect(await states()).toEqual(["false", "true"]);
  });

  test("a thumb still shows its state after the page is loaded again", async () => {
    await using scene = await openScene();
    const { chat, page, key } = scene;
    await page.getByLabel("Good answer").click();
    await pressesOf(chat, 1);
    const [user = ""] = key.split(":").slice(1);
    const memory = chat.memories.get(key);
    chat.inbox.splice(0);
    const given = { turn: "turn-1", author: user, verdict: "up", atMs: 1, revision: 1 } as const;
    if (memory !== undefined) chat.memories.set(key, { ...memory, feedback: [given] });
    await page.reload();
    for (const [name, isPressed] of [
      ["Good answer", "true"],
      ["Bad answer", "false"],
    ] as const)
      await expect.poll(() => page.getByLabel(name).getAttribute("aria-pressed"), patiently).toBe(isPressed);
  });

  test("Stop names its turn before the first word, so that a late one ends nothing else", async () => {
    await using scene = await openScene();
    const { chat, page, replyTo } = scene;
    await page.getByLabel("Message", { exact: true }).fill("And the cellar?");
    await page.keyboard.press("Enter");
    const stop = page.getByRole("button", { name: "Stop" });
    await stop.waitFor();
    await chat.web.showWorking(replyTo, new AbortController().signal, "turn-9");
    await chat.web.editPost(replyTo, `${replyTo.target["user"]}/c1/t9`, {
      ...chat.post("", { turn: "turn-9" }),
      steps: [{ kind: "search", words: "cellar" }],
    });
    await page.getByText("cellar”").waitFor();
    await stop.click();
    const stopped = { kind: "pressed", action: "stop", on: "turn-9" };
    await expect.poll(() => chat.accepted.at(-1), patiently).toMatchObject(stopped);
  });

  test("a verdict shows on the person's other page", async () => {
    await using scene = await openScene();
    const other = await scene.page.context().newPage();
    await other.goto(`${scene.chat.url}/#c1`);
    await other.getByLabel("Good answer").waitFor();
    await scene.page.getByLabel("Good answer").click();
    await expect
      .poll(() => other.getByLabel("Good answer").getAttribute("aria-pressed"), patiently)
      .toBe("true");
  });

  test("a new answer grows in the old one's place, and the old text never comes back", async () => {
    await using scene = await openScene();
    const { chat, page, remember, replyTo } = scene;
    const other = await page.context().newPage();
    await other.goto(`${chat.url}/#c1`);
    for (const each of [page, other]) {
      await each.getByRole("button", { name: "Regenerate" }).waitFor({ state: "attached" });
      await each.evaluate(() => {
        const seen: string[] = [];
        Object.assign(globalThis, { seen });
        new MutationObserver(() => {
          const body = document.querySelector(".message.assistant .body");
          const text = body instanceof HTMLElement ? body.innerText : "";
          if (seen.at(-1) !== text) seen.push(text);
        }).observe(document.querySelector("#log") ?? document.body, {
          subtree: true,
          childList: true,
          characterData: true,
        });
      });
    }
    const regenerate = page.getByRole("button", { name: "Regenerate" });
    await regenerate.focus();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Enter");
    for (const each of [page, other])
      await each.locator(".message.again [data-action=regenerate][aria-disabled=true]").waitFor();
    await pressesOf(chat, 1);
    expect(await page.getByRole("button", { name: "Stop" }).isVisible()).toBe(true);
    const id = `${replyTo.target["user"]}/c1/t1`;
    const post = { ...chat.post("It does"), turn: "turn-2", covers: ["1"] };
    await chat.web.editPost(replyTo, id, post);
    const late = await page.context().newPage();
    await late.goto(`${chat.url}/#c1`);
    for (const each of [page, other, late])
      await expect
        .poll(() => each.locator(".message.assistant .body").allInnerTexts(), patiently)
        .toEqual(["It does"]);
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Regenerate");
    await late.getByRole("button", { name: "Stop" }).click();
    const stopped = { kind: "pressed", action: "stop", on: "turn-2" };
    await expect.poll(() => chat.accepted.at(-1), patiently).toMatchObject(stopped);
    // A message on the way makes every page read the history again.
    await page.getByLabel("Message", { exact: true }).fill("And the cellar?");
    await page.keyboard.press("Enter");
    await expect.poll(() => other.locator(".message.user").count(), patiently).toBe(2);
    const text = "It does not leak.";
    const shown = { role: "bot", text, turnId: "turn-2", answers: ["1"] } as const;
    const actions = replyActions({ role: "bot", text, turnId: "turn-2", answers: ["1"] });
    await chat.web.editPost(replyTo, id, { ...post, text, state: "done", actions });
    const waiting = chat.inbox.filter(({ inbound }) => inbound.kind === "said");
    remember([question, remembered(2, "t1", text, { ...answered, turnId: "turn-2" })]);
    chat.inbox.push(...waiting);
    chat.web.turnFinished(replyTo, { turn: "t1", text, covers: ["1"], shown });
    for (const each of [page, other, late]) {
      await expect.poll(() => answersOn(each), patiently).toEqual([text]);
      await expect
        .poll(() => each.locator("[data-on=turn-2]").allInnerTexts(), patiently)
        .toEqual(["Regenerate", "👍", "👎"]);
    }
    for (const each of [page, other]) {
      const seen = await each.evaluate((): readonly string[] => Reflect.get(globalThis, "seen"));
      const firstNew = seen.indexOf("It does");
      const isOldOrEmpty = (body: string) => body === "" || body === "It leaks.";
      expect(firstNew).toBeGreaterThan(-1);
      expect(seen.slice(firstNew).filter(isOldOrEmpty)).toEqual([]);
    }
  });

  test("the button comes back when its press changed nothing", async () => {
    await using scene = await openScene();
    const { chat, page, remember, replyTo, key } = scene;
    await page.getByRole("button", { name: "Regenerate" }).click();
    await pressesOf(chat, 1);
    await chat.web.sendPrivately(replyTo, ["Only the asker may do that."]);
    const memory = chat.memories.get(key);
    remember(memory?.messages ?? []);
    if (memory !== undefined) chat.web.memoryChanged(memory);
    await expect
      .poll(() => page.getByRole("button", { name: "Regenerate" }).getAttribute("aria-disabled"), patiently)
      .toBeNull();
    expect(await page.locator(".message.again").count()).toBe(0);
  });

  test("a notice gives its place and the focus to the new answer", async () => {
    await using scene = await openScene({ role: "notice", text: "I couldn't reach the model." });
    const { chat, page, replyTo } = scene;
    await page.getByRole("button", { name: "Try again" }).press("Enter");
    await pressesOf(chat, 1);
    await page.getByRole("button", { name: "Trying again…" }).waitFor();
    const post = { ...chat.post("It does"), turn: "turn-2", covers: ["1"] };
    await chat.web.editPost(replyTo, `${replyTo.target["user"]}/c1/t1`, post);
    await page.locator(".message.assistant.running").waitFor();
    expect(await page.locator(".message.notice").count()).toBe(0);
    expect(await page.evaluate(() => document.activeElement?.className)).toContain("assistant");
  });

  test("presses made without a connection are sent after it, once each", async () => {
    await using scene = await openScene();
    const { chat, page } = scene;
    await page.context().setOffline(true);
    chat.switches.isStoreDown = true;
    await page.getByRole("button", { name: "Regenerate" }).click();
    await page.getByLabel("Good answer").click();
    await page.context().setOffline(false);
    chat.switches.isStoreDown = false;
    await page.reload();
    const presses = await pressesOf(chat, 2);
    expect(presses.map(({ action }) => action)).toEqual(["regenerate", "thumbs-up"]);
    await expect
      .poll(() => page.getByLabel("Good answer").getAttribute("aria-pressed"), patiently)
      .toBe("true");
  });
});
