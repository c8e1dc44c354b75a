import { describe, expect, test } from "vitest";

import { startBot, type BotProcess } from "../support/bot-process.ts";
import { DiscordStandIn } from "../support/discord/discord-stand-in.ts";
import { docxFile, paragraph } from "../support/files/office-files.ts";
import { pdfFile } from "../support/files/pdf-file.ts";
import { openStoresOfBot } from "../support/open-stores-of-bot.ts";
import type { ModelRequest } from "../support/openai/model-request.ts";
import { calls, says, type StreamScript } from "../support/openai/script.ts";
import { postgresIsMissing } from "../support/postgres-database.ts";
import { redisIsMissing } from "../support/redis-server.ts";
import { markdownOf } from "../support/slack/slack-messages.ts";
import { startSlackStandIn } from "../support/slack/slack-stand-in.ts";
import { startMarkedModel } from "../support/stages/marked-model.ts";
import { connectWeb, type WebClient } from "../support/web/web-client.ts";

const patiently = { timeout: 60_000, interval: 20 };
/** Looking at all stores is slow. */
const seldom = { timeout: 60_000, interval: 500 };
const secret = "swordfish4711";
const line = `The code word is ${secret}.`;

/** A place where a file is sent, with a second conversation in which the bot is asked about it. */
interface Chat extends AsyncDisposable {
  readonly settings: Readonly<Record<string, string>>;
  readonly connect?: (bot: BotProcess) => Promise<void>;
  /** Sends a file with a question. */
  readonly ask: () => Promise<void>;
  readonly askAgain: (text: string) => Promise<void>;
  readonly askElsewhere: (text: string) => Promise<void>;
  readonly takeBack: (what: "file" | "message") => Promise<void>;
  /** What the message with the file can be found by, in an answer. */
  readonly link: () => string;
  /** All that the bot says now. */
  readonly shown: () => string;
  readonly shownElsewhere: () => string;
  /** The files that the bot gave out, oldest first. */
  readonly exported: () => Promise<readonly string[]>;
}

async function openSlack(): Promise<Chat> {
  const slack = await startSlackStandIn();
  slack.addPerson("U1", "Ada");
  const file = { id: "F1", name: "plan.docx", mimetype: "application/octet-stream" };
  slack.files.set("F1", { ...file, bytes: docxFile(paragraph(line)) });
  const [asked, elsewhere] = ["1700000001.000100", "1700000002.000100"];
  const posts = (thread: string): string =>
    slack
      .posts("C1", thread)
      .map((post) => markdownOf(post) + JSON.stringify(post.blocks))
      .join("\n");
  const say = async (text: string, root: string, more: object): Promise<void> =>
    void (await slack.say({ channel: "C1", user: "U1", text, mention: true, ...more, ...rootOf(root) }));
  const begun = new Set<string>();
  const rootOf = (root: string): { readonly ts: string } | { readonly threadTs: string } => {
    if (begun.has(root)) return { threadTs: root };
    begun.add(root);
    return { ts: root };
  };
  return {
    settings: {
      SLACK_API_URL: slack.apiUrl,
      SLACK_BOT_TOKEN: slack.settings.botToken,
      SLACK_APP_TOKEN: slack.settings.appToken,
    },
    ask: () => say("What is in it?", asked, { files: [file] }),
    askAgain: (text) => say(text, asked, {}),
    askElsewhere: (text) => say(text, elsewhere, {}),
    takeBack: (what) => (what === "file" ? slack.deleteFiles("C1", asked) : slack.delete("C1", asked)),
    link: () => `/archives/C1/p${asked.replace(".", "")}`,
    shown: () => posts(asked),
    shownElsewhere: () => posts(elsewhere),
    exported: async () => slack.uploads.all.map(({ text }) => text ?? ""),
    [Symbol.asyncDispose]: () => slack[Symbol.asyncDispose](),
  };
}

async function openDiscord(): Promise<Chat> {
  const discord = new DiscordStandIn();
  await discord.listen(0);
  const pdf = pdfFile([[line]]);
  discord.world.files.set("77", { bytes: pdf, signature: 0 });
  const attachments = [
    { id: "77", filename: "plan.pdf", size: pdf.length, content_type: "application/pdf", url: "x" },
  ];
  let [asked, elsewhere] = ["", ""];
  const say = (text: string, thread: string, more: object = {}): string =>
    discord.say({
      channel: thread === "" ? discord.channel : thread,
      user: "Ada",
      text,
      mention: true,
      ...more,
    });
  const posts = (thread: string): string =>
    discord
      .posts(thread)
      .flatMap(({ content, isDeleted }) => (isDeleted ? [] : [content]))
      .join("\n");
  return {
    settings: { DISCORD_TOKEN: discord.token, DISCORD_API_URL: discord.apiUrl },
    ask: async () => void (asked = say("What is in it?", "", { attachments })),
    askAgain: async (text) => void say(text, asked),
    askElsewhere: async (text) => {
      const id = say(text, elsewhere);
      if (elsewhere === "") elsewhere = id;
    },
    takeBack: async (what) => {
      if (what === "message") discord.delete(asked);
      else discord.edit(asked, `<@${discord.botId}> What is in it?`, []);
    },
    link: () => `/${asked}`,
    shown: () => posts(asked),
    shownElsewhere: () => posts(elsewhere),
    exported: async () =>
      [...discord.world.messages.values()].flatMap(({ versions }) =>
        versions.flatMap(({ files = [] }) => files.map(({ bytes }) => bytes.toString())),
      ),
    [Symbol.asyncDispose]: () => discord[Symbol.asyncDispose](),
  };
}

async function openWeb(): Promise<Chat> {
  await using opening = new AsyncDisposableStack();
  let [url, count] = ["", 0];
  let page: WebClient | undefined;
  const opened = opening.move();
  const pageOf = (): WebClient => {
    if (page === undefined) throw new Error("Nobody is connected");
    return page;
  };
  const say = (text: string, conversation: string, files: readonly string[]): void => {
    count += 1;
    pageOf().send({ type: "say", id: `m${count}`, conversation, text, files });
  };
  const shownIn = (conversation: string): string =>
    pageOf()
      .frames.filter((frame) => "conversation" in frame && frame.conversation === conversation)
      .map((frame) => JSON.stringify(frame))
      .join("\n");
  return {
    settings: {},
    connect: async (bot) => {
      url = bot.url;
      page = opened.use(await connectWeb(bot.url));
    },
    ask: async () => {
      const query = new URLSearchParams({ conversation: "c1", name: "notes.txt" });
      const headers = { "content-type": "text/plain", cookie: pageOf().cookie };
      const given = await fetch(`${url}/chat/files?${query}`, { method: "POST", headers, body: line });
      say("What is in it?", "c1", [(await given.json()).id]);
    },
    askAgain: async (text) => say(text, "c1", []),
    askElsewhere: async (text) => say(text, "c2", []),
    takeBack: async () => pageOf().send({ type: "delete", id: "x1", conversation: "c1", message: "m1" }),
    link: () => "c1",
    shown: () => shownIn("c1"),
    shownElsewhere: () => shownIn("c2"),
    exported: async () => {
      const all = pageOf()
        .of("file")
        .map((frame) => fetch(`${url}/${frame.url}`, { headers: { cookie: pageOf().cookie } }));
      return Promise.all(all.map(async (answer) => (await answer).text()));
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** Looks for the word when it reads LOOK, and repeats what it finds. */
function finding({ messages, results }: ModelRequest): StreamScript {
  const asked = messages.at(-1)?.text ?? "";
  if (results.length > 0) return says(`Found: ${results.map(({ result }) => result).join(" ")} (end)`);
  if (asked.includes("LOOK")) return calls("recall", { words: "code word" });
  return says(`Noted ${asked.includes(secret) ? secret : "nothing"}. (end)`);
}

describe.each([
  ["Slack", openSlack, "message", "embedded"],
  ["Slack", openSlack, "file", "Redis and Postgres"],
  ["Discord", openDiscord, "message", "Redis and Postgres"],
  ["Discord", openDiscord, "file", "embedded"],
  ["the web", openWeb, "message", "embedded"],
] as const)("a word in a file on %s", (_platform, open, what, kind) => {
  test.skipIf(postgresIsMissing ?? redisIsMissing)(
    `is found from elsewhere with a link, and nowhere after its ${what} was deleted: ${kind}`,
    async () => {
      await using stores = await openStoresOfBot(kind);
      await using model = await startMarkedModel();
      model.answerWith(finding);
      await using chat = await open();
      await using bot = await startBot({ ...model.settings, ...stores.settings, ...chat.settings });
      await chat.connect?.(bot);
      await chat.ask();
      await expect.poll(chat.shown, patiently).toContain(`Noted ${secret}. (end)`);
      const kept = async (text: string): Promise<boolean> => (await stores.everything()).includes(text);
      const ends = (): number => chat.shownElsewhere().split("(end)").length;
      const look = async (): Promise<string> => {
        const before = ends();
        await chat.askElsewhere("LOOK for the word");
        await expect.poll(ends, patiently).toBeGreaterThan(before);
        return chat.shownElsewhere();
      };
      // An answer is shown a moment before it is stored, and only then its conversation is searched.
      await expect.poll(look, seldom).toContain(secret);
      expect(chat.shownElsewhere()).toContain(chat.link());

      await chat.takeBack(what);
      await expect.poll(() => kept(secret), seldom).toBe(false);
      const before = model.requests.length;
      await chat.askAgain("And now?");
      await expect.poll(chat.shown, patiently).toContain("Noted nothing");
      await chat.askAgain("export");
      await expect.poll(async () => (await chat.exported()).length, patiently).toBeGreaterThan(0);
      await chat.askAgain("summary");
      await look();
      await expect.poll(() => model.requests.length, patiently).toBeGreaterThan(before + 2);
      await expect.poll(async () => model.underWay(), patiently).toBe(0);
      expect(JSON.stringify(model.requests.slice(before))).not.toContain(secret);
      expect((await chat.exported()).join()).not.toContain(secret);
      expect(await kept(secret)).toBe(false);
      expect(bot.output()).not.toContain(secret);
    },
  );
});
