/// <reference lib="dom" />

import { readFile } from "node:fs/promises";

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { RememberedMessage } from "../../src/domain/conversation-memory.ts";
import { InMemoryArchive } from "../support/core/in-memory-archive.ts";
import { browserIsMissing, launchBrowser } from "../support/web/browser.ts";
import { openChat, type Chat } from "../support/web/open-chat.ts";
import { openPage, saidOn, userOf } from "../support/web/open-page.ts";
import { remembered, webMemory } from "../support/web/web-memory.ts";

const patiently = { timeout: 60_000, interval: 20 };

/** Messages of a person by the ordinals from `first` to `last`. */
function talk(first: number, last: number): readonly RememberedMessage[] {
  return Array.from({ length: last - first + 1 }, (_, index) =>
    remembered(first + index, `m${first + index}`, `text ${first + index}`),
  );
}

describe.skipIf(browserIsMissing)(`the page of a long conversation ${browserIsMissing ?? ""}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  interface Scene extends AsyncDisposable {
    readonly chat: Chat;
    readonly archive: InMemoryArchive;
    readonly page: Page;
    readonly user: string;
    readonly key: `web:${string}`;
  }

  /** A person's page at a conversation `c1` that has so many messages. */
  async function openScene(filed: number, all: number, address = "#c1"): Promise<Scene> {
    const opened = new AsyncDisposableStack();
    const archive = new InMemoryArchive();
    const chat = opened.use(await openChat({ archive }));
    const page = await openPage(browser, `${chat.url}/${address}`, {}, async (place) => {
      const conversation = `web:${place}:c1` as const;
      const messages = talk(1, filed);
      await archive.sync({ conversation, platform: "web", place, erasures: [], messages });
      chat.memories.set(conversation, webMemory(place, talk(filed + 1, all)));
    });
    const user = await userOf(page);
    const key = `web:${user}:c1` as const;
    return { chat, archive, page, user, key, [Symbol.asyncDispose]: () => opened.disposeAsync() };
  }

  /** Waits until the page shows so many messages. */
  async function shows(page: Page, count: number): Promise<void> {
    await expect.poll(async () => (await saidOn(page)).length, patiently).toBe(count);
  }

  const scrollTo = (page: Page, top: number): Promise<void> =>
    page.locator("#log").evaluate((log, to) => log.scrollTo(0, to), top);
  const isInSight = (page: Page, text: string): Promise<boolean> =>
    page.locator("#log").evaluate((log, words) => {
      const node = [...log.children].find((each) => each.querySelector(".body")?.textContent === words);
      const [inner, outer] = [node?.getBoundingClientRect(), log.getBoundingClientRect()];
      return inner !== undefined && inner.top >= outer.top - 1 && inner.bottom <= outer.bottom + 1;
    }, text);

  test("starts at its end, and loads older messages as the person scrolls up, without a jump", async () => {
    await using scene = await openScene(440, 450);
    const { page } = scene;
    await shows(page, 200);
    expect(await isInSight(page, "text 450")).toBe(true);
    await scrollTo(page, 0);
    await shows(page, 400);
    expect(await isInSight(page, "text 251")).toBe(true);
    await scrollTo(page, 0);
    await expect.poll(() => saidOn(page), patiently).toEqual(talk(1, 450).map(({ text }) => text));
    expect(await page.getByRole("button", { name: "Show earlier messages" }).count()).toBe(0);
  });

  test("scrolls with the keyboard", async () => {
    await using scene = await openScene(240, 250);
    const { page } = scene;
    await shows(page, 200);
    await page.getByRole("button", { name: "Show earlier messages" }).press("Enter");
    await expect.poll(() => saidOn(page), patiently).toEqual(talk(1, 250).map(({ text }) => text));
  });

  test("applies changes where the person reads, and keeps the position", async () => {
    await using scene = await openScene(440, 450);
    const { page, chat, user, key, archive } = scene;
    await shows(page, 200);
    await scrollTo(page, 0);
    await shows(page, 400);
    await page.getByText("text 100", { exact: true }).scrollIntoViewIfNeeded();
    expect(await isInSight(page, "text 100")).toBe(true);
    const erasures = [{ revision: 2, kind: "message", message: "m99" }] as const;
    const edits = [{ revision: 2, message: "m101", text: "changed" }];
    await archive.sync({
      conversation: key,
      platform: "web",
      place: user,
      erasures: [],
      messages: talk(441, 460),
    });
    const changed = webMemory(user, talk(461, 470), { erasures, edits });
    chat.memories.set(key, changed);
    chat.web.memoryChanged(changed);
    // What is read anew comes in whole parts, down to the first message here.
    const all = talk(1, 470).map(({ id, text }) => (id === "m101" ? "changed" : text));
    await expect.poll(() => saidOn(page), patiently).toEqual(all.filter((text) => text !== "text 99"));
    expect(await isInSight(page, "text 100")).toBe(true);
  });

  test("reads only new messages when the person returns to its end", async () => {
    await using scene = await openScene(240, 250);
    const { page, chat, user, key } = scene;
    await shows(page, 200);
    await scrollTo(page, 0);
    await shows(page, 250);
    await scrollTo(page, 1_000_000);
    const changed = webMemory(user, talk(241, 249), { nextOrdinal: 251 });
    chat.memories.set(key, changed);
    chat.web.memoryChanged(changed);
    await expect.poll(() => saidOn(page), patiently).toEqual(talk(50, 249).map(({ text }) => text));
    expect(await isInSight(page, "text 249")).toBe(true);
  });

  test("says when older messages can't be read, and reads them once it can", async () => {
    await using scene = await openScene(6, 8);
    const { page, archive } = scene;
    archive.isDown = true;
    await page.reload();
    await shows(page, 2);
    await expect
      .poll(() => page.locator(".more").innerText(), patiently)
      .toContain("can't load older messages");
    archive.isDown = false;
    await expect
      .poll(async () => {
        const again = page.getByRole("button", { name: "Try again" });
        if ((await again.count()) > 0) await again.click();
        return saidOn(page);
      }, patiently)
      .toEqual(talk(1, 8).map(({ text }) => text));
  });

  test("opens at the message that a link names, however old, and highlights it", async () => {
    await using scene = await openScene(640, 650, "#c/c1/m7");
    const { page } = scene;
    await expect.poll(() => page.locator(".marked .body").allInnerTexts(), patiently).toEqual(["text 7"]);
    expect(await isInSight(page, "text 7")).toBe(true);
    expect(await page.evaluate(() => location.hash)).toBe("#c/c1/m7");
    await expect.poll(() => page.locator(".marked").count(), patiently).toBe(0);
  });

  test("says when the message that a link names does not exist", async () => {
    await using scene = await openScene(240, 250, "#c/c1/nowhere");
    const { page } = scene;
    await expect
      .poll(() => page.locator(".fault").innerText(), patiently)
      .toContain("That message isn't in this conversation");
    expect((await saidOn(page)).length).toBe(250);
  });

  test("opens links to messages without a reload, and leads back", async () => {
    await using scene = await openScene(0, 40, "#c0");
    const { page, chat, user } = scene;
    const told = remembered(1, "t1", "It was [said here](/#c/c1/m3), and [elsewhere](https://example.org/).");
    chat.memories.set(`web:${user}:c2`, webMemory(user, [told], { conversation: "c2" }));
    await page.goto(`${chat.url}/#c2`);
    const link = page.locator("#log").getByRole("link", { name: "said here" });
    await expect.poll(() => link.count(), patiently).toBe(1);
    expect(await page.locator("#log").getByRole("link", { name: "elsewhere" }).getAttribute("target")).toBe(
      "_blank",
    );
    await link.click();
    await expect.poll(() => page.locator(".marked .body").allInnerTexts(), patiently).toEqual(["text 3"]);
    expect(page.context().pages()).toHaveLength(1);
    await page.goBack();
    await expect.poll(() => link.count(), patiently).toBe(1);
  });

  test("shows resets, except those that were undone", async () => {
    await using scene = await openScene(0, 0);
    const { page, chat, user, key } = scene;
    const messages = [1, 2, 3].map((chapter) =>
      remembered(chapter, `m${chapter}`, `${chapter}`, { chapter }),
    );
    chat.memories.set(key, webMemory(user, messages, { chapter: 3, since: 2 }));
    await page.reload();
    await shows(page, 3);
    const shown = await page
      .locator("#log > *:not(.day)")
      .evaluateAll((nodes) => nodes.map(({ className }) => className));
    expect(shown).toEqual(["message user", "chapter", "message user", "message user"]);
  });

  test("offers a file for download, small or large, in its own line", async () => {
    await using scene = await openScene(0, 2);
    const { page, chat, user } = scene;
    await shows(page, 2);
    const to = { platform: "web", target: { user, conversation: "c1" } };
    const large = "<script>alert(1)</script> Grüße\n".repeat(10_000);
    const files = [
      { name: "talk.md", mediaType: "text/markdown; charset=utf-8", text: "# Talk\n" },
      { name: "talk.json", mediaType: "text/html", text: large },
    ];
    await chat.web.sendFilesPrivately(to, { text: "**Two** files", files }, AbortSignal.timeout(600_000));
    for (const { name, text } of files) {
      const link = page.getByRole("link", { name: `Download ${name}` });
      await expect.poll(() => link.count(), patiently).toBe(1);
      const coming = page.waitForEvent("download");
      await link.click();
      const download = await coming;
      expect(download.suggestedFilename()).toBe(name);
      expect((await readFile(await download.path(), "utf8")) === text).toBe(true);
    }
    await expect.poll(() => page.locator(".notice strong").innerText(), patiently).toBe("Two");
    expect(await page.locator(".notice .aside, .file .aside").allInnerTexts()).toHaveLength(3);
    await page.reload();
    await shows(page, 2);
    expect(await page.locator(".notice, .file").count()).toBe(0);
  });
});
