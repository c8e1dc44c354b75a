/// <reference lib="dom" />

import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { Said } from "../../src/domain/inbound.ts";
import { imageLinkName } from "../../src/domain/made-image.ts";
import { InMemoryFiles } from "../support/core/in-memory-files.ts";
import { faultsOn } from "../support/web/axe.ts";
import { browserIsMissing, launchBrowser } from "../support/web/browser.ts";
import { openChat, type Chat, type ChatOptions } from "../support/web/open-chat.ts";
import { openPage, saidOn } from "../support/web/open-page.ts";

const patiently = { timeout: 60_000, interval: 20 };
/** A picture of 1 by 1. */
const png =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";
const textFile = { name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("swordfish") };
const picture = { name: "cat.png", mimeType: "image/png", buffer: Buffer.from(png, "base64") };

/** Counts what the page's recorders have given so far, each from 0 on. */
const countRecordedBytes = `{
  const { start } = MediaRecorder.prototype;
  MediaRecorder.prototype.start = function (...given) {
    globalThis.recordedBytes = 0;
    this.addEventListener("dataavailable", ({ data }) => (globalThis.recordedBytes += data.size));
    start.apply(this, given);
  };
}`;

describe.skipIf(browserIsMissing)(`files in the page ${browserIsMissing ?? ""}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  interface Scene extends AsyncDisposable {
    readonly chat: Chat;
    readonly page: Page;
    readonly files: InMemoryFiles;
    /** The files of what was said, each with its size. */
    readonly sent: () => readonly string[];
  }

  async function openScene(options: BrowserContextOptions = {}, given: ChatOptions = {}): Promise<Scene> {
    const opened = new AsyncDisposableStack();
    const files = new InMemoryFiles();
    const chat = opened.use(await openChat({ files, ...given }));
    const page = await openPage(browser, `${chat.url}/#c1`, options);
    await expect.poll(() => page.locator("#attach").isVisible(), patiently).toBe(true);
    const said = (): readonly Said[] => chat.accepted.filter((each) => each.kind === "said");
    const sent = () =>
      said().flatMap(({ message }) => message.attachments.map((each) => `${each.name} ${each.sizeBytes}`));
    return { chat, page, files, sent, [Symbol.asyncDispose]: () => opened.disposeAsync() };
  }

  const chips = (page: Page) => page.locator("#attached li.sent .name").allInnerTexts();

  /** Gives the page files in an event, as a browser does. */
  async function give(
    page: Page,
    kind: "drop" | "paste",
    given: readonly (typeof textFile)[],
    text = "",
  ): Promise<void> {
    const files = given.map(({ name, mimeType, buffer }) => ({
      name,
      mimeType,
      base64: buffer.toString("base64"),
    }));
    await page.evaluate(
      async ({ kind: type, files: each, text: pasted }) => {
        const data = new DataTransfer();
        for (const { name, mimeType, base64 } of each)
          data.items.add(
            new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name, { type: mimeType }),
          );
        if (pasted !== "") data.setData("text/plain", pasted);
        const target = document.querySelector("#text") ?? document.body;
        const init = { bubbles: true, cancelable: true };
        if (type === "paste")
          target.dispatchEvent(new ClipboardEvent(type, { ...init, clipboardData: data }));
        else {
          document.body.dispatchEvent(new DragEvent("dragover", { ...init, dataTransfer: data }));
          // The page is drawn when the event is over.
          await Promise.resolve();
          const isShown = document.querySelector<HTMLElement>("#drop")?.hidden === false;
          if (!isShown) throw new Error("The page shows no place to drop files");
          document.body.dispatchEvent(new DragEvent(type, { ...init, dataTransfer: data }));
        }
      },
      { kind, files, text },
    );
  }

  test("of an answer appear at its end, with a text for people who can't see them, and move nothing", async () => {
    await using scene = await openScene();
    const { page, chat, files } = scene;
    await page.locator("#text").fill("a cat, please");
    await page.keyboard.press("Enter");
    await expect.poll(() => chat.accepted.length, patiently).toBe(1);
    const stored = await files.put(picture.buffer, new AbortController().signal);
    const to = chat.replyTo();
    const { user = "" } = to.target;
    const link = { conversation: `web:${user}:c1`, message: "t1", name: imageLinkName(stored.hash) } as const;
    await files.link(
      { ...link, author: user, saidAtMs: Date.now() },
      stored.hash,
      new AbortController().signal,
    );
    const image = { mediaType: "image/png", width: 640, height: 480 } as const;
    const made = { name: "cat.png", mediaType: "image/png", description: "A cat", image, content: stored };
    await chat.web.createPost(to, chat.post("Here it is", { turn: "t1", state: "writing" }));
    const covers = chat.accepted.flatMap((each) => (each.kind === "said" ? each.message.id : []));
    chat.web.turnFinished(to, { turn: "t1", text: "Here it is", covers, images: [made] });
    const shown = page.locator(".message.assistant .picture img");
    await expect.poll(() => shown.getAttribute("alt"), patiently).toBe("A cat");
    expect(await shown.getAttribute("width")).toBe("640");
    const isDrawn = () =>
      shown.evaluate((node: HTMLImageElement) => node.complete && node.naturalWidth === 1);
    await expect.poll(isDrawn, patiently).toBe(true);
  });

  test("are chosen with a button, go with the message, and stay after a reload", async () => {
    await using scene = await openScene();
    const { page, sent } = scene;
    const chosen = page.waitForEvent("filechooser");
    await page.getByRole("button", { name: "Attach files" }).click();
    await (await chosen).setFiles([textFile, picture]);
    await expect.poll(() => chips(page), patiently).toEqual(["notes.txt", "cat.png"]);
    await page.reload();
    await expect.poll(() => chips(page), patiently).toEqual(["notes.txt", "cat.png"]);
    await page.locator("#text").fill("what is this?");
    await page.keyboard.press("Enter");
    await expect.poll(sent, patiently).toEqual(["notes.txt 9", `cat.png ${picture.buffer.length}`]);
    const link = page.locator(".message.user:not(.waiting) .files a.chip");
    await expect.poll(() => link.innerText(), patiently).toContain("notes.txt");
    const image = page.locator(".message.user .picture img");
    const isDrawn = () =>
      image.evaluate((node: HTMLImageElement) => node.complete && node.naturalWidth === 1);
    await expect.poll(isDrawn, patiently).toBe(true);
    expect(await page.locator("#attached").isHidden()).toBe(true);
    await page.reload();
    await expect.poll(isDrawn, patiently).toBe(true);
    const download = page.waitForEvent("download");
    await link.click();
    const stream = await (await download).createReadStream();
    expect(Buffer.concat(await stream.toArray()).toString()).toBe("swordfish");
  });

  test("are dropped and pasted, and are removed again", async () => {
    await using scene = await openScene();
    const { page, sent } = scene;
    await give(page, "drop", [textFile]);
    await give(page, "paste", [picture]);
    await expect.poll(() => chips(page), patiently).toEqual(["notes.txt", "cat.png"]);
    expect(await page.locator("#drop").isHidden()).toBe(true);
    // Cells of a spreadsheet come as a text and as an image.
    await give(page, "paste", [picture], "cells");
    await page.getByRole("button", { name: "Remove notes.txt" }).click();
    await expect.poll(() => chips(page), patiently).toEqual(["cat.png"]);
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await expect.poll(sent, patiently).toEqual([`cat.png ${picture.buffer.length}`]);
    await expect.poll(() => saidOn(page), patiently).toEqual([""]);
  });

  test("hold the message until they are uploaded, and outlast a lost socket", async () => {
    await using scene = await openScene();
    const { page, sent } = scene;
    const { promise, resolve } = Promise.withResolvers<void>();
    await page.route("**/chat/files?*", async (route) => {
      await promise;
      await route.continue();
    });
    await give(page, "drop", [textFile]);
    await page.locator("#text").fill("hello");
    await page.keyboard.press("Enter");
    await expect.poll(() => page.locator("#attached-status").innerText(), patiently).toContain("as soon as");
    await page.context().setOffline(true);
    await page.context().setOffline(false);
    expect(sent()).toEqual([]);
    resolve();
    await expect.poll(sent, patiently).toEqual(["notes.txt 9"]);
    await expect.poll(() => saidOn(page), patiently).toEqual(["hello"]);
    expect(await page.locator("#text").inputValue()).toBe("");
  });

  test("that fail say why and are tried again; the message waits", async () => {
    await using scene = await openScene();
    const { page, files, sent } = scene;
    files.isAway = true;
    await page.route("**/chat/files?*", async (route) => {
      // The browser would write the refusal to its console.
      if (files.isAway) await route.abort("connectionreset");
      else await route.continue();
    });
    await give(page, "drop", [textFile]);
    const failed = page.locator("#attached li.failed .detail");
    await expect.poll(() => failed.innerText(), patiently).toBe("The upload was interrupted.");
    await page.locator("#text").fill("hello");
    await page.keyboard.press("Enter");
    await expect
      .poll(() => page.locator("#attached-status").innerText(), patiently)
      .toContain("couldn't be uploaded");
    files.isAway = false;
    await page.getByRole("button", { name: "Try again: notes.txt" }).click();
    await expect.poll(() => chips(page), patiently).toEqual(["notes.txt"]);
    expect(sent()).toEqual([]);
    await page.keyboard.press("Tab");
    await page.locator("#text").press("Enter");
    await expect.poll(sent, patiently).toEqual(["notes.txt 9"]);
  });

  test("that are too large or too many are refused at once", async () => {
    await using scene = await openScene();
    const { page } = scene;
    await page.evaluate(() => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(20 * 1_024 ** 2 + 1)], "film.mp4"));
      document.body.dispatchEvent(
        new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: data }),
      );
    });
    await expect
      .poll(() => page.locator("#attached li.failed").innerText(), patiently)
      .toContain("20 MB at most");
    expect(await page.getByRole("button", { name: /^Try again/u }).count()).toBe(0);
    await give(page, "drop", [textFile, textFile, textFile, textFile, textFile, textFile]);
    await expect
      .poll(() => page.locator("#attached-status").innerText(), patiently)
      .toContain("I left 2 out");
    expect(await page.locator("#attached li").count()).toBe(5);
  });

  test("come back with the text when the server no longer has one of them", async () => {
    await using scene = await openScene();
    const { page, files } = scene;
    await give(page, "drop", [textFile, picture]);
    await expect.poll(() => chips(page), patiently).toHaveLength(2);
    const [first] = files.links.keys();
    files.links.delete(first ?? "");
    await page.locator("#text").fill("hello");
    await page.keyboard.press("Enter");
    await expect.poll(() => page.locator("#text").inputValue(), patiently).toBe("hello");
    expect(await chips(page)).toHaveLength(1);
    await expect.poll(() => page.locator(".fault").innerText(), patiently).toContain("no longer have a file");
  });

  test("that are no longer kept say so", async () => {
    await using scene = await openScene();
    const { page, files } = scene;
    await give(page, "drop", [picture]);
    await expect.poll(() => chips(page), patiently).toHaveLength(1);
    await page.locator("#text").press("Enter");
    // Its picture has come, so that no request is under way.
    const image = page.locator(".message.user:not(.waiting) .picture img");
    const isDrawn = () => image.evaluate((node: HTMLImageElement) => node.naturalWidth === 1);
    await expect.poll(isDrawn, patiently).toBe(true);
    await page.route("**/chat/files/**", (route) => route.abort("connectionreset"));
    files.links.clear();
    files.contents.clear();
    await page.reload();
    await expect.poll(() => page.locator(".files").innerText(), patiently).toContain("no longer kept");
  });

  test("are recorded where the server listens, with the time, and are sent or dropped", async () => {
    await using scene = await openScene({ permissions: ["microphone"] }, { hearsVoice: true });
    const { page, chat } = scene;
    await page.evaluate(countRecordedBytes);
    const record = page.getByRole("button", { name: "Record a message" });
    const time = page.locator("#recorded");
    await record.click();
    await expect.poll(() => time.innerText(), patiently).toBe("0:01");
    await page.keyboard.press("Escape");
    await expect.poll(() => page.locator("#recording").isHidden(), patiently).toBe(true);
    expect(await page.locator("#attached li").count()).toBe(0);
    await page.evaluate("globalThis.recordedBytes = 0");
    await record.click();
    // A busy machine gives the first sound late.
    await expect.poll(() => page.evaluate("globalThis.recordedBytes"), patiently).toBeGreaterThan(2_000);
    await page.getByRole("button", { name: "Send recording" }).click();
    await expect.poll(() => chat.accepted.length, patiently).toBe(1);
    const [inbound] = chat.accepted;
    const message = inbound?.kind === "said" ? inbound.message : undefined;
    expect(message).toMatchObject({
      text: "",
      attachments: [{ name: "recording.webm", mediaType: "audio/webm", sizeBytes: expect.any(Number) }],
    });
    expect(message?.attachments[0]?.sizeBytes).toBeGreaterThan(1_000);
    await page.locator("#text").fill("typed");
    expect(await record.isHidden()).toBe(true);
  });

  test("are not recorded where the server does not listen", async () => {
    await using scene = await openScene();
    await scene.page.locator("#text").fill("x");
    await scene.page.locator("#text").fill("");
    expect(await scene.page.locator("#record").isHidden()).toBe(true);
  });

  test("fit on a phone, in the dark", async () => {
    await using scene = await openScene({ viewport: { width: 360, height: 640 }, colorScheme: "dark" });
    const { page } = scene;
    await give(page, "drop", [textFile, picture, { ...textFile, name: `${"long".repeat(30)}.txt` }]);
    await expect.poll(() => chips(page), patiently).toHaveLength(3);
    const isWide = () => page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    expect(await isWide()).toBe(false);
    expect(await faultsOn(page)).toEqual([]);
    await page.locator("#text").fill("hello");
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await expect.poll(() => page.locator(".message.user:not(.waiting) .files li").count(), patiently).toBe(3);
    expect(await isWide()).toBe(false);
    expect(await faultsOn(page)).toEqual([]);
  });
});
