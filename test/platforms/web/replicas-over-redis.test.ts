import { describe, expect, test } from "vitest";

import { startBot, type BotProcess, type BotSettings } from "../../support/bot-process.ts";
import { redisIsMissing, startRedisServer } from "../../support/redis-server.ts";
import { startMarkedModel } from "../../support/stages/marked-model.ts";
import { endMark } from "../../support/stages/stage.ts";
import { makePostgresDatabase, postgresIsMissing } from "../../support/postgres-database.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { pageText } from "../../support/web/page-text.ts";
import { connectWeb } from "../../support/web/web-client.ts";

// Each test starts several processes, and one that was killed is missed after ten to fifteen seconds.
const patiently = { timeout: 60_000, interval: 20 };
const say = (id: string, text: string) => ({ type: "say", id, conversation: "c1", text });

describe.skipIf(redisIsMissing)(`pages on two processes over one Redis ${redisIsMissing ?? ""}`, () => {
  async function open(more: BotSettings = {}) {
    const opened = new AsyncDisposableStack();
    const redis = opened.use(await startRedisServer());
    const model = opened.use(await startMarkedModel());
    const start = async (): Promise<BotProcess> => {
      const folder = opened.use(temporaryFolder());
      return opened.use(
        await startBot({
          ...model.settings,
          DATA_DIR: folder.path,
          REDIS_URL: redis.url,
          SHUTDOWN_MS: "500",
          ...more,
        }),
      );
    };
    return { model, start, [Symbol.asyncDispose]: () => opened.disposeAsync() };
  }

  test("show one growing answer alike, also one opened in its middle, and both get its end", async () => {
    await using scene = await open();
    const letGo = scene.model.holdUntilLetGo();
    const first = await scene.start();
    await using one = await connectWeb(first.url);
    one.send(say("1", "tell me"));
    await expect.poll(() => pageText(one).running, patiently).toContain("Half an answer");
    const second = await scene.start();
    await using two = await connectWeb(second.url, { cookie: one.cookie });
    two.send({ type: "open", conversation: "c1" });
    await expect
      .poll(() => pageText(two), patiently)
      .toEqual({ messages: ["tell me"], running: expect.stringContaining("Half an answer") });
    letGo();
    await Promise.all([one.until("done"), two.until("done")]);
    expect(pageText(two).messages).toEqual(["tell me", expect.stringContaining(endMark)]);
    two.send(say("2", "and now?"));
    await expect.poll(() => pageText(one).messages, patiently).toHaveLength(4);
    expect(pageText(one).messages[2]).toBe("and now?");
  });

  test.skipIf(postgresIsMissing)(
    `follow a retraction, and both get the file that a command on one of them makes ${postgresIsMissing ?? ""}`,
    async () => {
      await using database = await makePostgresDatabase();
      await using scene = await open({ DATABASE_URL: database.url });
      const [first, second] = [await scene.start(), await scene.start()];
      await using one = await connectWeb(first.url);
      await one.until("welcome");
      await using two = await connectWeb(second.url, { cookie: one.cookie });
      for (const page of [one, two]) {
        page.send({ type: "open", conversation: "c1" });
        await page.until("history");
      }
      one.send(say("1", "the code is 4711"));
      await Promise.all([one.until("done"), two.until("done")]);
      two.send({ type: "command", id: "e", conversation: "c1", name: "export" });
      const files = await Promise.all([one.until("file"), two.until("file")]);
      for (const { name, url } of files) {
        expect(name).toMatch(/\.md$/u);
        for (const replica of [first, second]) {
          const given = await fetch(`${replica.url}/${url}`, { headers: { cookie: one.cookie } });
          expect(await given.text()).toContain("the code is 4711");
        }
      }
      two.send({ type: "delete", id: "d", conversation: "c1", message: "1" });
      for (const page of [one, two]) {
        await expect.poll(() => pageText(page), patiently).toEqual({ messages: [] });
      }
    },
  );

  test("continue an answer whose process was killed, and get its end", async () => {
    await using scene = await open();
    scene.model.hold();
    const first = await scene.start();
    await using before = await connectWeb(first.url);
    before.send(say("1", "who finishes this?"));
    await expect.poll(() => pageText(before).running, patiently).toContain("Half an answer");
    const second = await scene.start();
    await using page = await connectWeb(second.url, { cookie: before.cookie });
    page.send({ type: "open", conversation: "c1" });
    await expect.poll(() => pageText(page).running, patiently).toContain("Half an answer");
    scene.model.letGo();
    await first.kill();
    await expect.poll(() => page.of("done").length, patiently).toBe(1);
    expect(pageText(page)).toEqual({
      messages: ["who finishes this?", expect.stringContaining(`who finishes this? ${endMark}`)],
    });
  });
});
