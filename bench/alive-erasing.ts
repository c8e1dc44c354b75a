// The rows of `npm run alive` in which much goes: `/forget me` of 40,000 messages in 40 conversations, in one, and in 10,000;
// and one deletion and a `/forget this` in a big archive. Each checks that what is to go has gone, from the files too, and
// says besides how long the event loop stood still at most, and how long another person's `/recall` took at most.
import { once } from "node:events";
import { createReadStream, readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { WebSocket } from "ws";
import type { ConversationKey } from "../src/domain/conversation.ts";
import type { RememberedMessage } from "../src/domain/conversation-memory.ts";
import { openSqliteArchive } from "../src/storage/sqlite/sqlite-archive.ts";
import { startBot, type BotProcess } from "../test/support/bot-process.ts";
import { RecordingLog } from "../test/support/core/recording-log.ts";
import { startOpenAiStandIn } from "../test/support/openai/openai-stand-in.ts";
import { says } from "../test/support/openai/script.ts";
import { temporaryFolder } from "../test/support/temporary-folder.ts";
import { emptyMemory } from "../src/conversation/memory/new-memory.ts";

const secret = "zqbenchconfidential";
/** The person's messages in an archive of this size. */
const mineIn = (size: number): number => Math.min(40_000, size / 25);
const lastMs = 1_200_000;
const lookEveryMs = 500;
const here = "c1";

/** The archive before: messages of others and of the person, each with an answer. */
interface Archive {
  readonly others: number;
  readonly own: {
    readonly conversations: number;
    readonly each: number;
    readonly names: (index: number) => string;
  };
}

/** The person, and what is measured. */
interface Scene {
  /** The person's messages. */
  readonly mine: number;
  readonly person: Chatter;
  /** Resolves when the archive holds this many rows of the person's conversations, and no erased word. */
  readonly untilLeft: (rows: number) => Promise<void>;
}

interface ErasingRow {
  readonly name: string;
  readonly archive: (size: number) => Archive;
  readonly work: (scene: Scene) => Promise<void>;
}

const forgetMe = async ({ person, mine, untilLeft }: Scene): Promise<void> => {
  const receipt = await person.order("forget", "me yes", "Done. I deleted");
  const count = `deleted ${mine} of your messages and ${mine} of my replies`;
  if (!receipt.includes(count)) throw new Error(`The receipt does not say "${count}": ${receipt}`);
  await untilLeft(0);
};

const rows: readonly ErasingRow[] = [
  {
    name: "forget",
    archive: (size) => ({
      others: size / 10,
      own: { conversations: 40, each: mineIn(size) / 40, names: (index) => `own${index}` },
    }),
    work: forgetMe,
  },
  {
    name: "forget-one",
    archive: (size) => ({
      others: size / 10,
      own: { conversations: 1, each: mineIn(size), names: () => "own" },
    }),
    work: forgetMe,
  },
  {
    name: "forget-many",
    archive: (size) => ({
      others: size / 10,
      own: { conversations: mineIn(size) / 4, each: 4, names: (index) => `own${index}` },
    }),
    work: forgetMe,
  },
  {
    name: "delete",
    archive: (size) => ({ others: size, own: { conversations: 1, each: 1_000, names: () => here } }),
    work: async ({ person, untilLeft }) => {
      const message = await person.say(`My word is ${secret}`);
      await untilLeft(2_002);
      person.send({ type: "delete", id: "d1", message });
      await untilLeft(2_000);
      await person.order("forget", "this yes", "Done. I deleted all");
      await untilLeft(0);
    },
  },
];

/** One person in the web chat. */
class Chatter {
  readonly #socket: WebSocket;
  readonly #notices: string[] = [];
  readonly #ended = new Set<string>();
  readonly cookie: string;
  #count = 0;

  private constructor(socket: WebSocket, cookie: string) {
    this.#socket = socket;
    this.cookie = cookie;
    socket.on("message", (data: Buffer) => {
      const frame: { type: string; text?: string; covers?: readonly string[] } = JSON.parse(data.toString());
      if (frame.type === "notice" || frame.type === "error") this.#notices.push(frame.text ?? "an error");
      if (frame.type === "done") for (const id of frame.covers ?? []) this.#ended.add(id);
    });
  }

  static async connect(url: string, cookie = ""): Promise<Chatter> {
    const headers = cookie === "" ? {} : { cookie };
    const socket = new WebSocket(`${url.replace("http", "ws")}/chat`, { headers, origin: url });
    let given = cookie;
    socket.on("upgrade", (response) => {
      given = response.headers["set-cookie"]?.[0]?.split(";", 1)[0] ?? given;
    });
    await once(socket, "open");
    const chatter = new Chatter(socket, given);
    chatter.send({ type: "open" });
    return chatter;
  }

  send(frame: Readonly<Record<string, string>>): void {
    this.#socket.send(JSON.stringify({ ...frame, conversation: here }));
  }

  /** Resolves to the message's id once it is answered. */
  async say(text: string): Promise<string> {
    const id = `s${(this.#count += 1)}-${Date.now()}`;
    this.send({ type: "say", id, text });
    await until(() => this.#ended.has(id), "an answer");
    return id;
  }

  /** Resolves to the notice with this beginning. */
  async order(name: string, argument: string, beginning: string): Promise<string> {
    const from = this.#notices.length;
    const found = (): string | undefined =>
      this.#notices.slice(from).find((text) => text.startsWith(beginning));
    this.send({ type: "command", id: `o${(this.#count += 1)}-${Date.now()}`, name, argument });
    await until(() => found() !== undefined, `"${beginning}" after /${name}`);
    return found() ?? "";
  }

  leave(): void {
    this.#socket.terminate();
  }
}

async function until(isSo: () => boolean, what: string): Promise<void> {
  const startedAtMs = Date.now();
  while (!isSo()) {
    if (Date.now() - startedAtMs > lastMs) throw new Error(`Waited too long for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function messageOf(author: string, index: number, ordinal: number): RememberedMessage {
  const isReply = ordinal % 2 === 0;
  return {
    id: `m${index}`,
    role: isReply ? "bot" : "person",
    author: isReply ? { id: "bot", name: "Threadkeeper" } : { id: author, name: "Ada" },
    speaker: isReply ? "Threadkeeper" : "Ada",
    text: textOf(index),
    saidAtMs: Date.now() - 86_400_000,
    attachments: [],
    answers: isReply ? [`m${index - 1}`] : [],
    chapter: 1,
    ordinal,
    revision: ordinal,
    tokens: 60,
  };
}

const vocabulary = Array.from({ length: 20_000 }, (_, index) => `w${(index * 7_919).toString(36)}`);

/** About 30 words, some of which are in many messages. */
function textOf(seed: number): string {
  const rare = Array.from({ length: 20 }, (_, at) => vocabulary[(seed * 31 + at * 977) % vocabulary.length]);
  return `release plan ${seed % 997} ${rare.join(" ")} is at https://example.org/${seed}`;
}

async function fill(folder: string, user: string, { others, own }: Archive): Promise<void> {
  await using archive = await openSqliteArchive(folder, { log: new RecordingLog() });
  const signal = AbortSignal.timeout(3_600_000);
  const batch = 1_000;
  let index = 0;
  const add = async (place: string, name: string, count: number): Promise<void> => {
    const conversation: ConversationKey = `web:${place}:${name}`;
    const location = { conversation, platform: "web", place } as const;
    for (let ordinal = 1; ordinal <= count;) {
      const messages: RememberedMessage[] = [];
      for (; messages.length < batch && ordinal <= count; ordinal += 1, index += 1)
        messages.push(messageOf(place, index, ordinal));
      const memory = {
        ...emptyMemory(conversation, location),
        revision: ordinal,
        nextOrdinal: ordinal,
        windowFrom: ordinal,
        speakers: [{ id: place, label: "Ada" }],
      };
      const head = { memory, listing: { title: name, lastAtMs: Date.now() - 86_400_000 } };
      await archive.sync({ ...location, erasures: [], messages, head }, signal);
    }
  };
  for (let start = 0; start < others; start += batch)
    await add(`other${(start / batch) % 1_000}`, `c${start}`, batch);
  for (let each = 0; each < own.conversations; each += 1) await add(user, own.names(each), own.each * 2);
}

/** Makes conversations look inactive for weeks. */
function letRest(folder: string): void {
  using archive = new DatabaseSync(join(folder, "ledger.sqlite"), { readOnly: true });
  using hot = new DatabaseSync(join(folder, "threadkeeper.sqlite"));
  hot.exec("DELETE FROM conversation; DELETE FROM author; DELETE FROM located; DELETE FROM keyv; BEGIN");
  const rest = hot.prepare("INSERT OR IGNORE INTO resting (conversation) VALUES (?)");
  for (const { conversation } of archive.prepare("SELECT conversation FROM head").iterate())
    rest.run(String(conversation));
  hot.exec("COMMIT");
}

async function holds(folder: string, word: string): Promise<boolean> {
  for (const name of readdirSync(folder)) {
    if (name.endsWith("-shm")) continue;
    let tail = "";
    for await (const chunk of createReadStream(join(folder, name), {
      encoding: "latin1",
      highWaterMark: 2 ** 22,
    })) {
      const text = tail + String(chunk);
      if (text.includes(word)) return true;
      tail = text.slice(-word.length);
    }
  }
  return false;
}

/** The longest delay of the event loop, as logged by the bot, and the time of another person's recall. */
class Watch implements Disposable {
  readonly #url: string;
  readonly #other: Chatter;
  readonly #timer;
  #isAsking = false;
  lateMs = 0;
  recallMs = 0;

  constructor(url: string, other: Chatter) {
    this.#url = url;
    this.#other = other;
    this.#timer = setInterval(() => void this.#look(), lookEveryMs);
  }

  async #look(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    const response = await fetch(`${this.#url}/readyz`);
    const ready: { readonly eventLoop?: { readonly maxMs: number } } = JSON.parse(await response.text());
    this.lateMs = Math.max(this.lateMs, ready.eventLoop?.maxMs ?? 0);
    const startedAtMs = Date.now();
    await this.#other.order("recall", "release plan", "");
    this.recallMs = Math.max(this.recallMs, Date.now() - startedAtMs);
    this.#isAsking = false;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

async function waitUntilLeft(folder: string, user: string, rowsLeft: number): Promise<void> {
  using archive = new DatabaseSync(join(folder, "ledger.sqlite"), { readOnly: true, timeout: 5_000 });
  const left = archive.prepare("SELECT COUNT(*) AS count FROM message WHERE platform = 'web' AND place = ?");
  const merging = archive.prepare("SELECT 1 FROM merging");
  const startedAtMs = Date.now();
  for (;;) {
    const isThere = Number(left.get(user)?.["count"]) === rowsLeft && merging.get() === undefined;
    if (isThere) return;
    if (Date.now() - startedAtMs > lastMs)
      throw new Error(`${Number(left.get(user)?.["count"])} rows are left`);
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}

async function run(
  { name, archive, work }: ErasingRow,
  size: number,
  watch: (name: string, bot: BotProcess, work: () => Promise<void>) => Promise<void>,
): Promise<void> {
  using folder = temporaryFolder();
  await using model = await startOpenAiStandIn({ respond: () => says("Understood.") });
  const settings = {
    OPENAI_BASE_URL: model.baseUrl,
    OPENAI_API_KEY: model.apiKey,
    DATA_DIR: folder.path,
    LIMIT_PERSON_TURNS: "0",
    LIMIT_PERSON_TOKENS: "0",
    LIMIT_PLACE_TOKENS: "0",
  };
  const first = await startBot(settings);
  const before = await Chatter.connect(first.url);
  const { cookie } = before;
  const user = cookie.split("=", 2)[1]?.split(".", 1)[0] ?? "";
  before.leave();
  await first.stop();
  const content = archive(size);
  const { own } = content;
  await fill(folder.path, user, content);
  letRest(folder.path);
  await using bot = await startBot(settings);
  const person = await Chatter.connect(bot.url, cookie);
  const other = await Chatter.connect(bot.url);
  await other.say("Hello, release plan");
  {
    using looks = new Watch(bot.url, other);
    await watch(name, bot, () =>
      work({
        mine: own.conversations * own.each,
        person,
        untilLeft: (left) => waitUntilLeft(folder.path, user, left),
      }),
    );
    process.stdout.write(
      `  ${name}: the loop stood still for ${looks.lateMs} ms at most, another's recall took ${looks.recallMs} ms\n`,
    );
  }
  person.leave();
  other.leave();
  await bot.stop();
  if (await holds(folder.path, secret)) throw new Error("A byte of what was deleted is left");
}

/** By name. */
export const erasingRows = new Map(
  rows.map((row) => [
    row.name,
    (size: number, watch: Parameters<typeof run>[2]): Promise<void> => run(row, size, watch),
  ]),
);
