// How long `/healthz` takes at most while the bot is given the worst that it may be given: texts that make careless code
// slow, edits in a window of 128,000 tokens, searches and erasures in a big archive. `npm run alive`, or one row with
// `-- --only forget`; `--messages` is the size of the archive. It must stay below 250 ms on a machine that does nothing else.
import { once } from "node:events";
import { parseArgs } from "node:util";
import { isMainThread, Worker } from "node:worker_threads";

import { WebSocket } from "ws";

import type { ConversationLocation, ArchivedMessage } from "../src/domain/archive.ts";
import { openSqliteArchive } from "../src/storage/sqlite/sqlite-archive.ts";
import { startBot, type BotProcess } from "../test/support/bot-process.ts";
import { RecordingLog } from "../test/support/core/recording-log.ts";
import { startOpenAiStandIn } from "../test/support/openai/openai-stand-in.ts";
import { says } from "../test/support/openai/script.ts";
import { startSlackStandIn, type SlackStandIn } from "../test/support/slack/slack-stand-in.ts";
import { temporaryFolder } from "../test/support/temporary-folder.ts";
import { families } from "../test/support/texts/hostile-texts.ts";
import { erasingRows } from "./alive-erasing.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    messages: { type: "string", default: "1000000" },
    places: { type: "string", default: "1000" },
  },
});
const archiveSize = Number(values.messages);
const places = Number(values.places);
/** Messages of one conversation in the archive. */
const each = 1_000;
const conversation = "c1";

interface Frame {
  readonly type: string;
  readonly id?: string;
  readonly code?: string;
}

/** One person in the web chat. */
class Person {
  readonly #socket: WebSocket;
  readonly #frames: Frame[] = [];
  cookie: string;
  #count = 0;

  private constructor(socket: WebSocket, cookie: string) {
    this.#socket = socket;
    this.cookie = cookie;
    socket.on("message", (data: Buffer) => {
      const frame: Frame = JSON.parse(data.toString());
      if (["accepted", "done", "notice", "error"].includes(frame.type)) this.#frames.push(frame);
    });
  }

  static async connect(url: string, cookie = ""): Promise<Person> {
    const socket = new WebSocket(`${url.replace("http", "ws")}/chat`, {
      headers: cookie === "" ? {} : { cookie },
      origin: url,
    });
    let given = cookie;
    socket.on("upgrade", (response) => {
      given = response.headers["set-cookie"]?.[0]?.split(";", 1)[0] ?? given;
    });
    await once(socket, "open");
    const person = new Person(socket, given);
    person.send({ type: "open", conversation });
    return person;
  }

  send(frame: Readonly<Record<string, string>>): void {
    this.#socket.send(JSON.stringify(frame));
  }

  /** Sends a frame and waits for the one that ends it. Returns its id. */
  async ask(frame: Readonly<Record<string, string>>, ends: readonly string[]): Promise<string> {
    const id = `f${(this.#count += 1)}`;
    const from = this.#frames.length;
    this.send({ ...frame, id, conversation });
    const startedAtMs = Date.now();
    while (!this.#frames.slice(from).some(({ type }) => ends.includes(type))) {
      if (Date.now() - startedAtMs > 120_000)
        throw new Error(`No ${ends.join(" or ")} after ${frame["type"]}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    // The server limits frames per second.
    await new Promise((resolve) => setTimeout(resolve, 60));
    return id;
  }

  leave(): void {
    this.#socket.terminate();
  }
}

interface Looks {
  readonly worstMs: number;
  readonly looks: number;
}

/** Requests `/healthz` all the time, in its own thread. */
class Watcher {
  readonly #worker: Worker;

  constructor(url: string) {
    this.#worker = new Worker(new URL("alive-watcher.ts", import.meta.url), { workerData: url });
  }

  async during(work: () => Promise<void>): Promise<Looks & { readonly seconds: number }> {
    await this.#read();
    const startedAtMs = Date.now();
    await work();
    const looks = await this.#read();
    return { ...looks, seconds: (Date.now() - startedAtMs) / 1_000 };
  }

  async #read(): Promise<Looks> {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    this.#worker.postMessage("read");
    const [looks]: Looks[] = await once(this.#worker, "message");
    if (looks === undefined) throw new Error("No looks");
    return looks;
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}

interface Row {
  readonly name: string;
  readonly settings?: Readonly<Record<string, string>>;
  /** Archived messages of others and of the person. */
  readonly archive?: { readonly others: number; readonly own: number };
  readonly work: (person: Person, bot: BotProcess) => Promise<void>;
}

const big = (name: string): string => families.find((family) => family.name === name)?.textOf(99_000) ?? name;
const searches = ["release", "number 77", "the of and", "nothingofthekind", "re", big("hex")] as const;
const ended = ["done", "notice", "error"] as const;

const rows: readonly Row[] = [
  {
    name: "texts",
    settings: { CONTEXT_TOKENS: "16000" },
    work: async (person) => {
      for (const { textOf } of families) {
        const text = textOf(99_000);
        const message = await person.ask({ type: "say", text }, ended);
        await person.ask({ type: "command", name: "recall", argument: text }, ended);
        await person.ask(
          { type: "edit", message, text: `${text.slice(0, 50_000)} and ${big("hex")}`.slice(0, 99_000) },
          ["accepted", "error"],
        );
        await person.ask({ type: "say", text: "Thanks" }, ended);
        await person.ask({ type: "delete", message }, ["accepted", "error"]);
      }
    },
  },
  {
    name: "window",
    settings: { CONTEXT_TOKENS: "128000" },
    work: async (person) => {
      const ids: string[] = [];
      for (let index = 0; index < 120; index += 1) {
        ids.push(await person.ask({ type: "say", text: sentences(index, 3_500) }, ended));
      }
      for (const message of ids.slice(20, 100).filter((_, index) => index % 10 === 0)) {
        await person.ask({ type: "edit", message, text: sentences(7, 3_400) }, ["accepted", "error"]);
        await person.ask({ type: "say", text: "And now?" }, ended);
      }
      for (const message of ids.slice(20, 100).filter((_, index) => index % 10 === 5)) {
        await person.ask({ type: "delete", message }, ["accepted", "error"]);
        await person.ask({ type: "say", text: "And now?" }, ended);
      }
    },
  },
  {
    name: "recall",
    archive: { others: archiveSize, own: 1_000 },
    work: async (person) => {
      for (const words of searches) {
        for (let time = 0; time < 5; time += 1) {
          await person.ask({ type: "command", name: "recall", argument: words }, ended);
        }
      }
    },
  },
];

function sentences(seed: number, chars: number): string {
  const words = [
    "release",
    "budget",
    "Ada",
    "ticket",
    "Friday",
    "server",
    "roof",
    "garden",
    "plan",
    "review",
  ];
  let text = "";
  for (let index = seed * 31; text.length < chars; index += 1) {
    text += `${words[index % 10]} ${words[(index * 7) % 10]} number ${index % 997} is at https://example.org/${index}. `;
  }
  return text.slice(0, chars);
}

async function fill(
  folder: string,
  count: number,
  locationOf: (start: number) => ConversationLocation & { readonly author: string },
): Promise<void> {
  await using archive = await openSqliteArchive(folder, { log: new RecordingLog() });
  const signal = AbortSignal.timeout(3_600_000);
  for (let start = 0; start < count; start += each) {
    const { author, ...location } = locationOf(start);
    const messages = Array.from({ length: each }, (_, index) => messageOf(author, start + index, index + 1));
    await archive.sync({ ...location, erasures: [], messages }, signal);
  }
}

async function fillWeb(
  folder: string,
  user: string,
  { others, own }: NonNullable<Row["archive"]>,
): Promise<void> {
  await fill(folder, others + own, (start) => {
    const owner = start >= others ? user : `other${(start / each) % places}`;
    return { conversation: `web:${owner}:c${start}`, platform: "web", place: owner, author: owner };
  });
}

function messageOf(
  author: string,
  number: number,
  ordinal: number,
): Omit<ArchivedMessage, "conversation" | "platform" | "place"> & { readonly tokens: number } {
  return {
    id: `m${number}`,
    role: ordinal % 2 === 0 ? "bot" : "person",
    author: ordinal % 2 === 0 ? { id: "bot", name: "Threadkeeper" } : { id: author, name: "Ada" },
    speaker: "Ada",
    text: sentences(number, 300),
    saidAtMs: Date.now() - 86_400_000,
    attachments: [],
    answers: [],
    chapter: 1,
    ordinal,
    revision: ordinal,
    tokens: 60,
  };
}

/** A person who may read a thousand channels searches all of them. */
async function recallOnSlack(): Promise<void> {
  using folder = temporaryFolder();
  await using model = await startOpenAiStandIn({ respond: () => says("Noted.") });
  await using slack = await startSlackStandIn();
  const channels = Array.from({ length: places }, (_, index) => `C${index}`);
  for (const channel of channels) slack.addChannel(channel, { members: ["U1", slack.settings.botUserId] });
  await fill(folder.path, archiveSize, (start) => {
    const channel = channels[(start / each) % places] ?? "C0";
    const key = `slack:T1:${channel}:${1_700_000_000 + start}.000100` as const;
    return { conversation: key, platform: "slack", place: `T1:${channel}`, author: "T1:U1" };
  });
  await using bot = await startBot({
    OPENAI_BASE_URL: model.baseUrl,
    OPENAI_API_KEY: model.apiKey,
    DATA_DIR: folder.path,
    SLACK_API_URL: slack.apiUrl,
    SLACK_BOT_TOKEN: slack.settings.botToken,
    SLACK_SIGNING_SECRET: slack.settings.signingSecret,
  });
  slack.deliverTo(`${bot.url}/slack/events`);
  await watch("recall-slack", bot, () => recallAll(slack));
}

async function recallAll(slack: SlackStandIn): Promise<void> {
  for (const words of searches) {
    for (let time = 0; time < 5; time += 1) {
      const before = slack.whispers.length;
      await slack.say({ channel: "C0", user: "U1", text: `recall ${words.slice(0, 3_000)}`, mention: true });
      const startedAtMs = Date.now();
      while (slack.whispers.length === before) {
        if (Date.now() - startedAtMs > 60_000) throw new Error("No answer to a recall");
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }
  }
}

async function watch(name: string, bot: BotProcess, work: () => Promise<void>): Promise<void> {
  const watcher = new Watcher(bot.url);
  const { worstMs, looks, seconds } = await watcher.during(work);
  await watcher.close();
  const verdict = worstMs <= 250 ? "" : "  TOO LONG";
  process.stdout.write(`| ${name} | ${worstMs.toFixed(0)} | ${looks} | ${seconds.toFixed(0)} |${verdict}\n`);
}

async function run({ name, settings = {}, archive, work }: Row): Promise<void> {
  using folder = temporaryFolder();
  await using model = await startOpenAiStandIn({ respond: () => says("Understood, and noted. ".repeat(20)) });
  const all = {
    OPENAI_BASE_URL: model.baseUrl,
    OPENAI_API_KEY: model.apiKey,
    DATA_DIR: folder.path,
    LIMIT_PERSON_TURNS: "0",
    LIMIT_PERSON_TOKENS: "0",
    LIMIT_PLACE_TOKENS: "0",
    ...settings,
  };
  let cookie = "";
  if (archive !== undefined) {
    const first = await startBot(all);
    const person = await Person.connect(first.url);
    await person.ask({ type: "say", text: "Hello" }, ended);
    ({ cookie } = person);
    person.leave();
    await first.stop();
    await fillWeb(folder.path, userOf(cookie), archive);
  }
  await using bot = await startBot(all);
  const person = await Person.connect(bot.url, cookie);
  await watch(name, bot, () => work(person, bot));
  person.leave();
}

/** The user is the cookie's first field. */
function userOf(cookie: string): string {
  return cookie.split("=", 2)[1]?.split(".", 1)[0] ?? "";
}

if (isMainThread) {
  process.stdout.write("| row | slowest /healthz, ms | looks | s |\n|---|---|---|---|\n");
  const isAsked = (name: string): boolean => values.only === undefined || values.only === name;
  for (const row of rows) if (isAsked(row.name)) await run(row);
  if (isAsked("recall-slack")) await recallOnSlack();
  for (const [name, erase] of erasingRows) if (isAsked(name)) await erase(archiveSize, watch);
  process.exit();
}
