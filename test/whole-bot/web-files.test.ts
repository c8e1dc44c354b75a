import { expect, test } from "vitest";

import { startBot } from "../support/bot-process.ts";
import { openStoresOfBot } from "../support/open-stores-of-bot.ts";
import { postgresIsMissing } from "../support/postgres-database.ts";
import { redisIsMissing } from "../support/redis-server.ts";
import { startMarkedModel } from "../support/stages/marked-model.ts";
import { connectWeb, type WebClient } from "../support/web/web-client.ts";

const patiently = { timeout: 60_000, interval: 20 };
const secret = "swordfish4711";

function attach(url: string, { cookie }: WebClient, body: string): Promise<Response> {
  const headers = { cookie, "content-type": "text/plain" };
  return fetch(`${url}/chat/files?conversation=c1&name=plan.txt`, { method: "POST", headers, body });
}

test.skipIf(postgresIsMissing ?? redisIsMissing).each(["embedded", "Redis and Postgres"] as const)(
  "a file in the web chat is read, kept over a crash and an edit, and gone with its message: %s",
  async (kind) => {
    await using stores = await openStoresOfBot(kind);
    await using model = await startMarkedModel();
    const prompts = (): readonly string[] =>
      model.requests.map(({ messages }) => messages.map(({ text }) => text).join("\n"));
    const settings = { ...model.settings, ...stores.settings };
    let cookie = "";
    {
      await using bot = await startBot(settings);
      await using page = await connectWeb(bot.url);
      ({ cookie } = page);
      const { id } = await (await attach(bot.url, page, `The code is ${secret}.`)).json();
      page.send({ type: "say", id: "m1", conversation: "c1", text: "What is the code?", files: [id] });
      expect((await page.until("accepted")).files).toMatchObject([{ name: "plan.txt", bytes: 26 }]);
      await page.until("done");
      expect(prompts().at(-1)).toContain(`The code is ${secret}.`);
      await bot.kill();
    }
    await using bot = await startBot(settings);
    await using page = await connectWeb(bot.url, { cookie });
    const download = async (): Promise<Response> => {
      page.send({ type: "open", conversation: "c1" });
      const { messages } = await page.until("history", page.of("history").length + 1);
      const url = messages.find(({ id }) => id === "m1")?.files?.[0]?.url ?? "files/none";
      return fetch(`${bot.url}/${url}`, { headers: { cookie } });
    };
    expect(await (await download()).text()).toBe(`The code is ${secret}.`);
    page.send({ type: "edit", id: "e1", conversation: "c1", message: "m1", text: "What's the code?" });
    await expect.poll(() => prompts().length, patiently).toBe(2);
    expect(prompts().at(-1)).toContain(`The code is ${secret}.`);
    await page.until("done");
    const kept = await download();
    expect(await kept.text()).toBe(`The code is ${secret}.`);
    page.send({ type: "delete", id: "d1", conversation: "c1", message: "m1" });
    page.send({ type: "say", id: "m2", conversation: "c1", text: "And now?" });
    await expect.poll(() => prompts().length, patiently).toBe(3);
    expect(prompts().at(-1)).not.toContain(secret);
    await expect.poll(async () => (await stores.everything()).includes(secret), patiently).toBe(false);
    expect((await fetch(kept.url, { headers: { cookie } })).status).toBe(404);
    expect(bot.output()).not.toContain(secret);
  },
);
