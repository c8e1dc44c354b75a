import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { expect, onTestFinished } from "vitest";

/** A page that may outlive a test. */
interface WatchedPage {
  readonly page: Page;
  /** Fails the test if the page has complained of something since the last call. */
  readonly expectNoFaults: () => void;
}

/**
 * A person with a browser of their own; what the page complains of fails the test.
 * @param before runs before the page is there, with who it will belong to.
 */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
  before?: (user: string) => void | Promise<void>,
): Promise<Page> {
  const { page, expectNoFaults } = await newPage(browser, options);
  onTestFinished(async () => {
    await page.context().close();
    expectNoFaults();
  });
  if (before !== undefined) {
    // The first response chooses who the person is.
    await page.request.get(url);
    await before(await userOf(page));
  }
  await page.goto(url);
  return page;
}

/** An empty page in a browser of its own, for several tests. */
export async function newPage(browser: Browser, options: BrowserContextOptions = {}): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width: 1_000, height: 700 }, ...options });
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (line) => {
    // A lost connection, what the Content Security Policy stops and a closed door are meant to be there.
    const isMeant = /WebSocket|ERR_CONNECTION|Content Security Policy|status of 40[13]/u.test(line.text());
    if (line.type() === "error" && !isMeant) faults.push(line.text());
  });
  return { page, expectNoFaults: () => expect(faults.splice(0)).toEqual([]) };
}

/**
 * Stops the time of all pages of a person. The returned function lets a frame be drawn on them before it looks; everything
 * else waits until the test lets time pass.
 */
export async function stopTime({ clock }: Page): Promise<<T>(look: () => Promise<T>) => () => Promise<T>> {
  await clock.install();
  await clock.pauseAt(Date.now() + 60_000);
  return (look) => async () => {
    await clock.runFor(16);
    return look();
  };
}

/** Who a page belongs to, once a response has said so. */
export async function userOf(page: Page): Promise<string> {
  const [cookie] = await page.context().cookies();
  return cookie?.value.split(".", 1)[0] ?? "";
}

/** What stands in the finished answers, oldest first. */
export function answersOn(page: Page): Promise<readonly string[]> {
  return page.locator(".message.assistant:not(.running) .body").allInnerTexts();
}

/** What the person has said and the server has stored, oldest first. */
export function saidOn(page: Page): Promise<readonly string[]> {
  return page.locator(".message.user:not(.waiting) .body").allInnerTexts();
}
