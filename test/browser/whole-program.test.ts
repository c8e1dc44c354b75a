/// <reference lib="dom" />

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { openSqliteTurnRecords } from "../../src/storage/sqlite/sqlite-turn-records.ts";
import { startBot } from "../support/bot-process.ts";
import { startOpenAiStandIn } from "../support/openai/openai-stand-in.ts";
import { says, streams, type Script } from "../support/openai/script.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { browserIsMissing, launchBrowser } from "../support/web/browser.ts";
import { openPage, userOf } from "../support/web/open-page.ts";

const patiently = { timeout: 60_000, interval: 20 };
const { signal } = new AbortController();

describe.skipIf(browserIsMissing)(`the whole program in a browser ${browserIsMissing ?? ""}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  test("an answer is judged, regenerated, stopped and continued, and is the same after the page is loaded again", async () => {
    const script: Script[] = [];
    await using model = await startOpenAiStandIn({ respond: () => script.shift() ?? says("Nothing.") });
    using folder = temporaryFolder();
    await using bot = await startBot({
      DATA_DIR: folder.path,
      OPENAI_BASE_URL: model.baseUrl,
      OPENAI_API_KEY: model.apiKey,
    });
    const page = await openPage(browser, `${bot.url}/#c1`);
    const shows = (text: string) =>
      expect
        .poll(() => page.locator(".message.assistant .body").allInnerTexts(), patiently)
        .toEqual([expect.stringMatching(new RegExp(`^${text}$`, "su"))]);
    const press = (name: string) => page.getByRole("button", { name, exact: true }).click();
    const stateOf = (name: string) => page.getByLabel(name).getAttribute("aria-pressed");

    script.push(says("The swordfish."));
    await page.getByLabel("Message", { exact: true }).fill("Which fish?");
    await page.keyboard.press("Enter");
    await shows("The swordfish.");
    await press("Good answer");
    expect(await stateOf("Good answer")).toBe("true");

    script.push(streams([{ say: "The octopus" }, { hold: new Promise(() => undefined) }], "complete"));
    await press("Regenerate");
    await shows("The octopus");
    await press("Stop");
    await shows("The octopus.+Stopped here.+");

    script.push(streams([{ say: "One two thr" }], "max-output-tokens"));
    await press("Regenerate");
    await shows("One two thr.+length limit.+");
    script.push(says("three four."));
    await press("Continue");
    await shows("One two three four.");

    await press("Bad answer");
    const form = page.getByRole("dialog", { name: "What was wrong?" });
    await form.getByRole("textbox").fill("No fish in it.");
    await form.getByRole("button", { name: "Send" }).click();
    const conversation = `web:${await userOf(page)}:c1` as const;
    using records = openSqliteTurnRecords(folder.path);
    const given = async () =>
      (await records.newestFeedback({ conversation, limit: 1 }, signal)).map(({ verdict, reason }) => ({
        verdict,
        reason,
      }));
    await expect.poll(given, patiently).toEqual([{ verdict: "down", reason: "No fish in it." }]);

    await page.reload();
    await shows("One two three four.");
    await expect.poll(() => stateOf("Bad answer"), patiently).toBe("true");
    expect(await stateOf("Good answer")).toBe("false");
    expect(await page.getByRole("button", { name: "Continue", exact: true }).count()).toBe(0);
    expect(model.requests).toHaveLength(4);
  });
});
