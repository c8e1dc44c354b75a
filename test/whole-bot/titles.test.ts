import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { startBot, type BotProcess, type BotSettings } from "../support/bot-process.ts";
import { isTitling } from "../support/core/titling.ts";
import { startOpenAiStandIn, type OpenAiStandIn } from "../support/openai/openai-stand-in.ts";
import { answersError, says, streams, type Script } from "../support/openai/script.ts";
import { redisIsMissing, startRedisServer } from "../support/redis-server.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { connectWeb, type WebClient } from "../support/web/web-client.ts";

const patiently = { timeout: 60_000, interval: 10 };
/** A page may ask twenty times a second. */
const slowly = { timeout: 60_000, interval: 200 };
const title = "Violet paint";
const say = (id: string, text: string, conversation = "c1") => ({ type: "say", id, conversation, text });

/** What the list calls these, asked for anew. Undefined: it is not listed. */
async function listOn(page: WebClient, ...ids: readonly string[]): Promise<readonly (string | undefined)[]> {
  page.send({ type: "list" });
  const { conversations } = await page.until("welcome", page.of("welcome").length + 1);
  return ids.map((each) => conversations.find(({ id }) => id === each)?.title);
}

async function listedOn(page: WebClient, conversation = "c1"): Promise<string | undefined> {
  return (await listOn(page, conversation))[0];
}

/** A model with titles of its own, as `titleFor` says for the text of its request. */
async function startModel() {
  const titles: { for: (text: string) => Script | Promise<Script> } = { for: () => says(title) };
  const openai = await startOpenAiStandIn({
    respond: (request) =>
      isTitling(request) ? titles.for(request.messages[0]?.text ?? "") : says("With ", "warm water."),
  });
  return Object.assign(openai, {
    titles,
    settings: { OPENAI_BASE_URL: openai.baseUrl, OPENAI_API_KEY: openai.apiKey, CHAT_TITLES: "on" },
  });
}

function titlesAskedOf({ requests }: OpenAiStandIn, text = ""): number {
  return requests.filter((each) => isTitling(each) && each.messages[0]?.text.includes(text) === true).length;
}

describe("titles in the web chat", () => {
  const opened = new AsyncDisposableStack();
  let model: Awaited<ReturnType<typeof startModel>>;
  let bot: BotProcess;
  let folder: string;
  const start = async (more: BotSettings = {}): Promise<BotProcess> =>
    startBot({ ...model.settings, DATA_DIR: folder, ...more });
  beforeAll(async () => {
    model = opened.use(await startModel());
    folder = opened.use(temporaryFolder()).path;
    bot = opened.use(await start());
  });
  afterAll(() => opened.disposeAsync());

  test("appear live on all pages of the person after one call, and on no other person's", async () => {
    await using page = await connectWeb(bot.url);
    await using other = await connectWeb(bot.url, { cookie: page.cookie });
    await using stranger = await connectWeb(bot.url);
    page.send({ type: "open", conversation: "c1" });
    await page.until("history");
    page.send(say("l1", "How do I get paint off a LIVE fence?"));
    for (const each of [page, other])
      expect(await each.until("renamed")).toEqual({
        type: "renamed",
        conversation: "c1",
        title,
      });
    // Only the name came: what the page shows is left alone.
    expect(page.frames.map(({ type }) => type).slice(-2)).toEqual(["done", "renamed"]);
    expect(page.of("history")).toHaveLength(1);
    expect(await listedOn(page)).toBe(title);
    page.send(say("l2", "And then?"));
    await page.until("done", 2);
    page.send(say("l3", "And then?"));
    await page.until("done", 3);
    expect(titlesAskedOf(model, "LIVE")).toBe(1);
    expect(await listedOn(stranger)).toBeUndefined();
    expect(stranger.of("renamed")).toEqual([]);
    expect(bot.output()).not.toMatch(/violet/iu);
  });

  test("delay no answer", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    model.titles.for = () => streams([{ hold: promise }, { say: title }], "complete");
    await using page = await connectWeb(bot.url);
    page.send(say("h1", "How do I get paint off a fence?"));
    await page.until("done");
    await expect.poll(model.underWay, patiently).toBe(1);
    page.send(say("h2", "And then?"));
    await page.until("done", 2);
    expect(page.of("renamed")).toEqual([]);
    resolve();
    expect(await page.until("renamed")).toMatchObject({ title });
  });

  const outputs: readonly { readonly from: string; readonly script: Script; readonly title?: string }[] = [
    { from: "thoughts before it", script: says("<think>They want", " paint</think>", title), title },
    { from: "Markdown and quotation marks", script: says(`**"${title}."**`), title },
    {
      from: "a call written as text",
      script: says('<tool_call>\n{"name": "recall", "arguments": {"words": "x"}}\n</tool_call>'),
    },
    { from: "nothing but thoughts", script: says("<think>They want paint</think>") },
    {
      from: "a long answer",
      script: says("Use warm water and a brush, and begin at the top of the fence in May."),
    },
    { from: "an error", script: answersError(503, null) },
    { from: "a refusal", script: streams([{ refuse: "I can't" }], "complete") },
    { from: "a broken stream", script: streams([{ say: "Vio" }], "cut") },
  ];
  test.each(outputs)("come from $from, or are the first words", async ({ from, script, title: made }) => {
    const question = `Paint, ${from}?`;
    model.titles.for = () => script;
    await using page = await connectWeb(bot.url);
    page.send(say("s1", question));
    await page.until("renamed");
    expect(await listedOn(page)).toBe(made ?? question);
    const asked = titlesAskedOf(model, question);
    page.send(say("s2", "And then?"));
    await page.until("done", 2);
    await listedOn(page);
    expect(titlesAskedOf(model, question)).toBe(asked);
  });

  test("are removed with the messages that they were made from, even if they are made later", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    model.titles.for = (text) =>
      streams(
        [{ hold: text.includes("LATER") ? promise : Promise.resolve() }, { say: "Swordfish 4711" }],
        "complete",
      );
    await using page = await connectWeb(bot.url);
    const conversations = ["deleted", "reset", "removed", "later"];
    for (const each of conversations)
      page.send(say(`g-${each}`, `My ${each === "later" ? "LATER " : ""}number, please`, each));
    await page.until("renamed", 3);
    await expect.poll(() => titlesAskedOf(model, "LATER"), patiently).toBe(1);
    page.send({ type: "delete", id: "g1", conversation: "deleted", message: "g-deleted" });
    page.send({ type: "command", id: "g2", conversation: "reset", name: "reset" });
    page.send({ type: "remove", id: "g3", conversation: "removed" });
    page.send({ type: "delete", id: "g4", conversation: "later", message: "g-later" });
    await expect.poll(() => page.of("accepted").length, patiently).toBe(8);
    await expect
      .poll(() => listOn(page, ...conversations), slowly)
      .toEqual(["", "My number, please", undefined, ""]);
    resolve();
    await expect.poll(model.underWay, patiently).toBe(0);
    page.send(say("g-more", "And then?", "later"));
    await expect.poll(() => titlesAskedOf(model, "And then?"), patiently).toBe(1);
    expect(await listedOn(page, "later")).not.toBe("My LATER number, please");
    page.send({ type: "remove", id: "g5", conversation: "later" });
    await expect.poll(() => listedOn(page, "later"), slowly).toBeUndefined();
    expect(bot.output()).not.toContain("Swordfish");
  });

  test("stay after a restart, and are not made where they are switched off", async () => {
    model.titles.for = () => says(title);
    await using page = await connectWeb(bot.url);
    page.send(say("r1", "How do I get paint off?"));
    await page.until("renamed");
    expect(await bot.stop()).toBe(0);
    bot = opened.use(await start({ CHAT_TITLES: "off" }));
    await using again = await connectWeb(bot.url, { cookie: page.cookie });
    expect(await listedOn(again)).toBe(title);
    const asked = titlesAskedOf(model);
    again.send(say("r2", "An OFF fence?", "c2"));
    await again.until("done");
    again.send(say("r3", "And then?", "c2"));
    await again.until("done", 2);
    expect(await listedOn(again, "c2")).toBe("An OFF fence?");
    expect(titlesAskedOf(model)).toBe(asked);
  });

  test.skipIf(redisIsMissing)(
    "are made by one of several replicas, and appear on the pages of all",
    async () => {
      await using redis = await startRedisServer();
      const replica = async (): Promise<BotProcess> =>
        opened.use(await start({ DATA_DIR: opened.use(temporaryFolder()).path, REDIS_URL: redis.url }));
      const [one, two] = await Promise.all([replica(), replica()]);
      model.titles.for = () => says(title);
      await using page = await connectWeb(one.url);
      await using other = await connectWeb(two.url, { cookie: page.cookie });
      page.send(say("p1", "A SHARED fence?"));
      expect(await other.until("renamed")).toMatchObject({ title });
      other.send(say("p2", "And then?"));
      await other.until("done", 2);
      expect(titlesAskedOf(model, "SHARED")).toBe(1);
      expect(await listedOn(other)).toBe(title);
      await Promise.all([one.stop(), two.stop()]);
    },
  );
});
