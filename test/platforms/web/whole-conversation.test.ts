import { describe, expect, test } from "vitest";

import type { ShownMessage } from "../../../src/platforms/web/wire/shown-message.ts";
import { startBot } from "../../support/bot-process.ts";
import { startMarkedModel } from "../../support/stages/marked-model.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { connectWeb, type WebClient } from "../../support/web/web-client.ts";

const patiently = { timeout: 60_000, interval: 300 };

/** What the page shows, asked for anew. */
async function shownOn(page: WebClient): Promise<readonly ShownMessage[]> {
  page.send({ type: "open", conversation: "c1" });
  await page.until("history", page.of("history").length + 1);
  return page.of("history").at(-1)?.messages ?? [];
}

describe("a conversation that is longer than working memory", () => {
  test("is complete on the page, and a deleted message disappears with its answer", async () => {
    using folder = temporaryFolder();
    await using model = await startMarkedModel();
    const settings = { ...model.settings, DATA_DIR: folder.path, CONTEXT_TOKENS: "1000" };
    await using bot = await startBot(settings);
    await using page = await connectWeb(bot.url);
    const said = Array.from({ length: 30 }, (_, index) => `m${index + 1}`);
    const words = "the fence is painted green on sunday ".repeat(20);
    for (const [index, id] of said.entries()) {
      // Each socket may say twenty things a second.
      await using speaker = await connectWeb(bot.url, { cookie: page.cookie });
      speaker.send({ type: "say", id, conversation: "c1", text: `${id}: ${words}` });
      await page.until("done", index + 1);
    }
    const messages = await shownOn(page);
    expect(messages.filter(({ role }) => role === "user").map(({ id }) => id)).toEqual(said);
    expect(messages.map(({ ordinal }) => ordinal)).toEqual(
      Array.from({ length: 2 * said.length }, (_, index) => index + 1),
    );
    page.send({ type: "delete", id: "d", conversation: "c1", message: "m1" });
    // Its answer is found in the archive alone.
    await expect
      .poll(async () => (await shownOn(page)).map(({ id }) => id).slice(0, 2), patiently)
      .toEqual(["m2", messages[3]?.id]);
    page.send({ type: "remove", id: "r", conversation: "c1" });
    await expect.poll(() => shownOn(page), patiently).toEqual([]);
  });
});
