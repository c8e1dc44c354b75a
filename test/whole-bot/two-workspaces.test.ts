import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { startBot, type BotSettings } from "../support/bot-process.ts";
import { redisIsMissing, startRedisServer } from "../support/redis-server.ts";
import { runProgram } from "../support/run-program.ts";
import { markdownOf } from "../support/slack/slack-messages.ts";
import type { SlackStandIn } from "../support/slack/slack-stand-in.ts";
import { startTwoWorkspaces, type TwoWorkspaces } from "../support/slack/two-workspaces.ts";
import { startMarkedModel } from "../support/stages/marked-model.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const patiently = { timeout: 60_000, interval: 20 };

const installations = (settings: BotSettings, order: readonly string[], token = "") =>
  runProgram("installations.ts", settings, order, token);

function answersIn(slack: SlackStandIn, thread: string): readonly string[] {
  return slack.posts("C1", thread).map(markdownOf);
}

function settingsFor({ acme, apiUrl }: TwoWorkspaces): BotSettings {
  const { botToken, signingSecret } = acme.settings;
  return {
    SLACK_API_URL: apiUrl,
    SLACK_BOT_TOKEN: botToken,
    SECRET_KEY: randomBytes(32).toString("base64"),
    SLACK_SIGNING_SECRET: signingSecret,
  };
}

test("a second workspace gets answers, edits and retractions with its own token, also after a change to Socket Mode", async () => {
  await using model = await startMarkedModel();
  await using both = await startTwoWorkspaces();
  const { acme, globex } = both;
  using folder = temporaryFolder();
  acme.addPerson("U1", "Ada of Acme");
  globex.addPerson("U1", "Gus of Globex");
  for (const slack of [acme, globex]) {
    slack.addChannel("C1", { members: ["UBOT", "U1"] });
    slack.addChannel("C2", { members: ["UBOT", "U1"] });
  }
  const settings = { ...model.settings, ...settingsFor(both), DATA_DIR: folder.path };
  let bot = await startBot(settings);
  await using stack = new AsyncDisposableStack();
  stack.defer(() => bot[Symbol.asyncDispose]());
  const added = await installations(settings, ["add", "slack"], `${globex.settings.botToken}\n`);
  expect(added).toEqual({
    code: 0,
    stdout: `${JSON.stringify({ platform: "slack", id: "T2", done: "add" })}\n`,
    stderr: "",
  });
  both.deliverTo(`${bot.url}/slack/events`);

  // The same channel, person and message id in both.
  const say = { channel: "C1", user: "U1", mention: true } as const;
  const thread = await acme.say({ ...say, text: "Acme opens at seven" });
  await globex.say({ ...say, text: "Globex opens at nine", ts: thread });
  await expect.poll(() => answersIn(acme, thread).join("\n"), patiently).toContain("Acme opens at seven");
  await expect.poll(() => answersIn(globex, thread).join("\n"), patiently).toContain("Globex opens at nine");
  await globex.say({ ...say, text: "And on Sundays", threadTs: thread });
  await expect.poll(() => answersIn(globex, thread).length, patiently).toBe(2);
  const prompt = JSON.stringify(model.requests.at(-1)?.messages);
  expect(prompt).toContain("Globex opens at nine");
  expect(prompt).toContain("Gus of Globex");
  expect(prompt).not.toMatch(/Acme/u);

  // Recall finds what was said in the same workspace only, and links to it.
  await globex.command({ channel: "C2", user: "U1", command: "/recall", text: "opens" });
  const told = () => globex.whispers.map(({ text }) => text).join("\n");
  await expect.poll(told, patiently).toContain("nine");
  expect(told()).toContain(`/T2/archives/C1/p${thread.replace(".", "")}`);
  expect(told()).not.toMatch(/seven|Acme/u);

  // An edit and a deletion reach their own workspace, also after a restart that knows no workspace yet.
  await globex.edit("C1", thread, "<@UBOT> Globex opens at ten");
  await expect.poll(() => answersIn(globex, thread).join("\n"), patiently).toContain("Globex opens at ten");
  expect(answersIn(acme, thread).join("\n")).toContain("Acme opens at seven");
  await bot.stop();
  await globex.say({ ...say, text: "Anybody there?", threadTs: thread });
  const { SLACK_SIGNING_SECRET: _, ...others }: BotSettings = settings;
  bot = await startBot({ ...others, SLACK_APP_TOKEN: acme.settings.appToken });
  both.deliverTo(undefined);
  // What was missed is read with the workspace's own token.
  await expect.poll(() => answersIn(globex, thread).join("\n"), patiently).toContain("Anybody there?");
  await globex.delete("C1", thread);
  await expect.poll(() => answersIn(globex, thread).join("\n"), patiently).not.toContain("ten");
  expect(answersIn(acme, thread)).toHaveLength(1);
  await acme.delete("C1", thread);
  await expect.poll(() => answersIn(acme, thread), patiently).toEqual([]);

  expect(both.refused()).toEqual([]);
  expect(bot.log.filter(({ level }) => level === "error")).toEqual([]);
  const files = readdirSync(folder.path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name), "latin1"));
  expect(files.join("")).not.toContain("xoxb-globex");
  expect(bot.output()).not.toContain("xoxb-");
});

test("an order that can't be carried out tells the operator why", async () => {
  await using both = await startTwoWorkspaces();
  using folder = temporaryFolder();
  const settings = { ...settingsFor(both), DATA_DIR: folder.path };
  const told = async (order: string, token: string, more: BotSettings = {}) =>
    (await installations({ ...settings, ...more }, order.split(" "), token)).stderr;
  const { botToken } = both.globex.settings;
  const usages = ["", "add", "add slack T2", "remove slack", "list slack", "other"];
  const [onKey, onPlatform, ...onUsage] = await Promise.all([
    told("add slack", botToken, { SECRET_KEY: "" }),
    told("add discord", botToken),
    ...usages.map((wrong) => told(wrong, "")),
  ]);
  expect(onKey).toContain("SECRET_KEY: set it first");
  expect(onPlatform).toBe("PLATFORM is one of: slack\n");
  for (const line of onUsage) expect(line).toContain("Usage: npm run installations");
});

const done = (...lines: readonly object[]) => ({
  code: 0,
  stdout: lines.map((line) => `${JSON.stringify(line)}\n`).join(""),
  stderr: "",
});

test("the operator adds, lists, reseals and removes installations on SQLite", async () => {
  await using both = await startTwoWorkspaces();
  using folder = temporaryFolder();
  const common = { ...settingsFor(both), DATA_DIR: folder.path };
  const settings = { ...common, SECRET_KEY: "" };
  const [older, newer] = [randomBytes(32).toString("hex"), randomBytes(32).toString("base64")];
  await using bot = await startBot(settings);
  const run = (key: string, order: string, token?: string) =>
    installations({ ...settings, SECRET_KEY: key }, order.split(" "), token);
  const globex = { platform: "slack", id: "T2" };
  const { botToken } = both.globex.settings;
  expect((await run(older, "add slack", " \n")).stderr).toContain("no token on standard input");
  const refused = await run(older, "add slack", "xoxb-nobody");
  expect(refused).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("The token: Slack refuses it (invalid_auth)"),
  });
  expect(await run(older, "list")).toEqual(done());

  expect(await run(older, "add slack", botToken)).toEqual(done({ ...globex, done: "add" }));
  expect(await run("", "list")).toEqual(done({ ...globex, isReadable: false }));
  await bot.stop();
  await expect(startBot(settings)).rejects.toThrow("SECRET_KEY: it does not open 1 of 1 stored");
  expect(await run(`${newer},${older}`, "reseal")).toEqual(done({ ...globex, done: "reseal" }));
  expect(await run(newer, "list")).toEqual(done({ ...globex, isReadable: true }));
  expect(await run("", "remove slack T2")).toEqual(done({ ...globex, done: "remove" }));
  expect(await run("", "remove slack T2")).toMatchObject({
    code: 1,
    stderr: "There is no installation T2\n",
  });
  await using again = await startBot(settings);
  expect(again.log.filter(({ level }) => level === "error")).toEqual([]);
});

test.skipIf(redisIsMissing)(
  "the operator adds, lists, reseals and removes installations on Redis",
  async () => {
    await using both = await startTwoWorkspaces();
    await using redis = await startRedisServer();
    using folder = temporaryFolder();
    const settings: BotSettings = { ...settingsFor(both), REDIS_URL: redis.url, DATA_DIR: folder.path };
    const newer = { ...settings, SECRET_KEY: `${randomBytes(32).toString("hex")},${settings["SECRET_KEY"]}` };
    const globex = { platform: "slack", id: "T2" };
    const { botToken } = both.globex.settings;
    expect(await installations(settings, ["add", "slack"], botToken)).toEqual(
      done({ ...globex, done: "add" }),
    );
    expect(await installations(newer, ["reseal"])).toEqual(done({ ...globex, done: "reseal" }));
    expect(await installations(settings, ["list"])).toEqual(done({ ...globex, isReadable: false }));
    expect(await installations(settings, ["remove", "slack", "T2"])).toEqual(
      done({ ...globex, done: "remove" }),
    );
    expect(await installations(settings, ["list"])).toEqual(done());
  },
);
