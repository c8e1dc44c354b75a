import { join } from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";

import { startBot, type BotProcess } from "../support/bot-process.ts";
import { filesIn } from "../support/every-byte.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { connectWeb } from "../support/web/web-client.ts";

const patiently = { timeout: 60_000, interval: 20 };

const folder = temporaryFolder();
let bot: BotProcess;
beforeAll(async () => {
  bot = await startBot({ DATA_DIR: folder.path });
});
afterAll(async () => {
  await bot[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

test.each([
  ["edited", { type: "edit", text: "nothing special" }],
  ["deleted", { type: "delete" }],
] as const)("what /export gave out on the web goes when a message in it is %s", async (_, change) => {
  await using page = await connectWeb(bot.url);
  const give = (path: string) => fetch(`${bot.url}/${path}`, { headers: { cookie: page.cookie } });
  const stored = () => filesIn(join(folder.path, "files"));
  page.send({ type: "say", id: "m1", conversation: "c1", text: "the code is quince4711" });
  await page.until("done");
  page.send({ type: "command", id: "o1", conversation: "c1", name: "export", argument: "" });
  const { url } = await page.until("file");
  expect(await (await give(url)).text()).toContain("quince4711");
  expect(stored().includes("quince4711")).toBe(true);
  page.send({ ...change, id: "x1", conversation: "c1", message: "m1" });
  await expect.poll(async () => (await give(url)).status, patiently).toBe(404);
  await expect.poll(() => stored().includes("quince4711"), patiently).toBe(false);
  page.send({ type: "say", id: "m2", conversation: "c1", text: "hello" });
  await page.until("done", change.type === "edit" ? 3 : 2);
  page.send({ type: "command", id: "o2", conversation: "c1", name: "export", argument: "" });
  const { url: second } = await page.until("file", 3);
  const text = await (await give(second)).text();
  expect(text).toContain("hello");
  expect(text).not.toContain("quince4711");
});
