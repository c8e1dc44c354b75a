import { describe, expect, test } from "vitest";

import { startBot, type BotProcess } from "../support/bot-process.ts";
import { DiscordStandIn } from "../support/discord/discord-stand-in.ts";
import { everythingIn, filesIn, archivedIn } from "../support/every-byte.ts";
import { makePostgresDatabase, postgresIsMissing } from "../support/postgres-database.ts";
import { setReadOnly } from "../support/postgres/set-read-only.ts";
import { redisIsMissing, startRedisServer } from "../support/redis-server.ts";
import { markdownOf } from "../support/slack/slack-messages.ts";
import { startSlackStandIn } from "../support/slack/slack-stand-in.ts";
import { startMarkedModel } from "../support/stages/marked-model.ts";
import { endMark } from "../support/stages/stage.ts";
import { openTcpGate } from "../support/tcp-gate.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const patiently = { timeout: 60_000, interval: 20 };
const secret = "swordfish-4711";
const isMissing = redisIsMissing ?? postgresIsMissing;

/** Slack over HTTP with a model, before the bot is started. */
async function openSlackTown() {
  const opened = new AsyncDisposableStack();
  const model = opened.use(await startMarkedModel());
  const slack = opened.use(await startSlackStandIn());
  const folder = opened.use(temporaryFolder());
  const settings = {
    ...model.settings,
    SLACK_API_URL: slack.apiUrl,
    SLACK_BOT_TOKEN: slack.settings.botToken,
    SLACK_SIGNING_SECRET: slack.settings.signingSecret,
    DATA_DIR: folder.path,
  };
  const start = async (more: Readonly<Record<string, string>> = {}): Promise<BotProcess> => {
    const bot = opened.use(await startBot({ ...settings, ...more }));
    slack.deliverTo(`${bot.url}/slack/events`);
    return bot;
  };
  const answers = (thread: string): readonly string[] =>
    slack
      .posts("C1", thread)
      .filter((post) => !post.isDeleted)
      .map(markdownOf);
  const ask = async (text: string, threadTs?: string): Promise<string> => {
    const thread = threadTs === undefined ? {} : { threadTs };
    const before = threadTs === undefined ? 0 : answers(threadTs).length;
    const ts = await slack.say({ channel: "C1", user: "U1", text, mention: true, ...thread });
    await expect
      .poll(
        () =>
          answers(threadTs ?? ts)
            .slice(before)
            .join(),
        patiently,
      )
      .toContain(endMark);
    return ts;
  };
  return { model, slack, folder, start, answers, ask, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

const promptsOf = ({ requests }: Awaited<ReturnType<typeof startMarkedModel>>): readonly string[] =>
  requests.map(({ messages }) => messages.map(({ text }) => text).join("\n"));

describe("a person on Slack", () => {
  test("deletes a message, finds others and erases them for good, also after a restart of the bot", async () => {
    await using town = await openSlackTown();
    const { slack, folder } = town;
    const first = await town.start();
    const deleted = await town.ask(`My code is ${secret}`);
    await town.ask("Thank you", deleted);
    const erased = await town.ask("The harbour opens at seven");
    const order = async (text: string, told: string): Promise<string> => {
      await slack.say({ channel: "C1", user: "U1", text, mention: true, threadTs: erased });
      await expect.poll(() => slack.whispers.map((each) => each.text).join("\n"), patiently).toContain(told);
      return slack.whispers.at(-1)?.text ?? "";
    };
    await expect
      .poll(() => order("recall harbour seven", "harbour"), patiently)
      .toContain(`/archives/C1/p${erased.replace(".", "")}`);
    await order("forget this yes", "Done. I deleted all");
    await first.stop();
    expect(filesIn(folder.path)).not.toContain(`"text":"The harbour`);

    await town.start();
    await slack.delete("C1", deleted);
    await expect.poll(() => town.answers(deleted).join(), patiently).not.toContain(secret);
    expect(town.answers(deleted)).toHaveLength(1);
    const before = town.model.requests.length;
    await town.ask("What is my code?", deleted);
    await town.ask("When does it open?", erased);
    expect(promptsOf(town.model).slice(before).join()).not.toMatch(new RegExp(`${secret}|seven`, "u"));

    // A thread that the bot is just called into is read with its earlier messages.
    const root = slack.write({ channel: "C1", user: "U2", text: "The museum opens at ten" }).ts;
    slack.write({ channel: "C1", user: "U3", text: "And closes at nine", threadTs: root });
    await town.ask("When does it close?", root);
    const prompt = promptsOf(town.model).at(-1) ?? "";
    expect(prompt).toMatch(/: The museum opens at ten\n.*: And closes at nine\n/u);
  });

  test.skipIf(isMissing)(
    `leaves no trace of a deleted message in Redis and Postgres ${isMissing ?? ""}`,
    async () => {
      await using town = await openSlackTown();
      await using redis = await startRedisServer("--aof-use-rdb-preamble", "no");
      await using database = await makePostgresDatabase();
      await town.start({ REDIS_URL: redis.url, DATABASE_URL: database.url });
      const thread = await town.ask(`My code is ${secret}`);
      await expect.poll(() => archivedIn(database.url), patiently).toContain(secret);
      await town.slack.delete("C1", thread);
      await expect.poll(() => town.answers(thread), patiently).toEqual([]);
      await expect.poll(() => archivedIn(database.url), patiently).not.toContain(secret);
      expect((await everythingIn(redis)).includes(secret)).toBe(false);
    },
  );
});

describe("a message in Discord", () => {
  test("is removed with its answer, and replaced by an edit", async () => {
    using folder = temporaryFolder();
    await using model = await startMarkedModel();
    await using discord = new DiscordStandIn();
    await discord.listen(0);
    await using bot = await startBot({
      ...model.settings,
      DISCORD_TOKEN: discord.token,
      DISCORD_API_URL: discord.apiUrl,
      DATA_DIR: folder.path,
    });
    const thread = discord.say({
      channel: discord.channel,
      user: "Ann",
      text: "The harbour opens at seven",
      mention: true,
    });
    const answers = (): readonly string[] =>
      discord.posts(thread).flatMap((post) => (post.isDeleted ? [] : [post.content]));
    await expect.poll(() => answers()[0], patiently).toContain(endMark);
    const question = discord.say({ channel: thread, user: "Ann", text: `My code is ${secret}` });
    await expect.poll(() => answers()[1], patiently).toContain(endMark);
    discord.edit(thread, "The harbour opens at eight");
    discord.delete(question);
    await expect.poll(() => answers().join(), patiently).not.toContain(secret);
    discord.say({ channel: thread, user: "Ann", text: "When does it open?" });
    await expect.poll(() => answers().at(-1), patiently).toContain("When does it open?");
    const prompt = promptsOf(model).at(-1) ?? "";
    expect(prompt).toContain("opens at eight");
    expect(prompt).not.toContain("at seven");
    expect(prompt).not.toContain(secret);
    expect(bot.output()).not.toContain(secret);
  });
});

describe.skipIf(isMissing)(`a Postgres that is unavailable ${isMissing ?? ""}`, () => {
  test("prevents no answer: the archive catches up later", async () => {
    await using town = await openSlackTown();
    await using database = await makePostgresDatabase();
    await using gate = await openTcpGate(Number(new URL(database.url).port));
    const url = new URL(database.url);
    url.port = String(gate.port);
    const bot = await town.start({ DATABASE_URL: url.href });
    const first = await town.ask("The harbour opens at seven");
    await expect.poll(() => archivedIn(database.url), patiently).toContain("harbour");
    gate.cut();
    await town.ask("The museum opens at ten", first);
    await expect
      .poll(() => bot.log.map((line) => line["msg"]), patiently)
      .toContain("a job fails and is retried; see the error");
    const ready = await fetch(`${bot.url}/readyz`);
    expect(ready.status).toBe(200);
    expect(await ready.json()).toMatchObject({ parts: { archive: { why: "Postgres can't be reached" } } });
    expect(await archivedIn(database.url)).not.toContain("museum");
    gate.restore();
    await expect.poll(() => archivedIn(database.url), patiently).toContain("museum");
    expect(bot.output()).not.toContain("museum");
  });

  test("or read-only makes the program unready until it accepts writes again, while answers continue", async () => {
    await using town = await openSlackTown();
    await using database = await makePostgresDatabase();
    const bot = await town.start({ DATABASE_URL: database.url });
    const first = await town.ask("The harbour opens at seven");
    await expect.poll(() => archivedIn(database.url), patiently).toContain("harbour");
    const isReady = async (): Promise<boolean> => (await fetch(`${bot.url}/readyz`)).ok;
    await setReadOnly(database.url, { state: "on", isNoticed: async () => !(await isReady()) });
    await town.ask("The museum opens at ten", first);
    await setReadOnly(database.url, { state: "off", isNoticed: isReady });
    await expect.poll(() => archivedIn(database.url), patiently).toContain("museum");
  });
});
