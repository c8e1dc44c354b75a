import { setTimeout } from "node:timers/promises";

import { startBot, type BotProcess } from "../../../test/support/bot-process.ts";
import { startOpenAiStandIn, type OpenAiStandIn } from "../../../test/support/openai/openai-stand-in.ts";
import { says, streams, type Script } from "../../../test/support/openai/script.ts";
import { startSlackStandIn, type SlackStandIn } from "../../../test/support/slack/slack-stand-in.ts";
import type { SlackMessage } from "../../../test/support/slack/slack-messages.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import type { Contestant } from "../contestants.ts";
import { sum } from "../figures.ts";
import { openStores } from "../open-stores.ts";
import { answerChunks, keyOf, lastAsked, marksIn, questionText } from "../stand-in/marks.ts";

const pollMs = 5;

/** A question in the thread of a room. */
export interface RoomQuestion {
  readonly key: string;
  readonly room: number;
}

interface Room {
  readonly channel: string;
  root: string | undefined;
  questions: number;
}

/**
 * Replicas of the bot that are killed, and threads in which people wait. The Slack of the tests keeps every message, so that
 * a process that takes over finds what was posted.
 */
export class SlackRooms {
  /** How long the model takes for an answer from now on. */
  streamMs = 0;
  readonly #contestant: Contestant;
  readonly #opened: AsyncDisposableStack;
  readonly #rooms: readonly Room[];
  readonly #bots: BotProcess[] = [];
  #slack: SlackStandIn | undefined;
  #model: OpenAiStandIn | undefined;
  #settings: Readonly<Record<string, string>> = {};

  /** @param opened ends everything. */
  constructor(contestant: Contestant, rooms: number, opened: AsyncDisposableStack) {
    this.#contestant = contestant;
    this.#opened = opened;
    this.#rooms = Array.from({ length: rooms }, (_, index) => ({
      channel: `C${index}`,
      root: undefined,
      questions: 0,
    }));
  }

  /** Starts everything, and has each room get its first answer. */
  async open(): Promise<void> {
    const slack = this.#opened.use(await startSlackStandIn());
    const model = this.#opened.use(await startOpenAiStandIn());
    [this.#slack, this.#model] = [slack, model];
    model.answerWith(({ messages }) => this.#answer(messages.map(({ text }) => text).join("\n")));
    const { settings } = this.#opened.use(await openStores(this.#contestant));
    this.#settings = {
      ...this.#contestant.settings,
      // It tells then when it is ready.
      LOG_LEVEL: "info",
      DATA_DIR: this.#opened.use(temporaryFolder()).path,
      SLACK_API_URL: slack.apiUrl,
      SLACK_BOT_TOKEN: slack.settings.botToken,
      SLACK_SIGNING_SECRET: slack.settings.signingSecret,
      OPENAI_BASE_URL: model.baseUrl,
      OPENAI_API_KEY: model.apiKey,
      ...settings,
    };
    for (let replica = 0; replica < this.#contestant.replicas; replica += 1) await this.start();
    const questions = await this.askAll();
    while (!questions.every((each) => this.state(each) === "complete")) await setTimeout(pollMs);
  }

  /** Whether nobody is left after a kill. */
  get isAlone(): boolean {
    return this.#contestant.replicas === 1;
  }

  /** Starts one replica more. */
  async start(): Promise<void> {
    this.#bots.push(this.#opened.use(await startBot(this.#settings)));
    this.#deliver();
  }

  /** Kills the oldest replica. */
  async kill(): Promise<void> {
    const [oldest] = this.#bots.splice(0, 1);
    await oldest?.kill();
    if (this.#bots.length > 0) this.#deliver();
  }

  /** One question in each room. Resolves when all are acknowledged. */
  async askAll(): Promise<readonly RoomQuestion[]> {
    return Promise.all(this.#rooms.map((_, room) => this.#ask(room)));
  }

  /** What people see of the answer. */
  state({ key, room }: RoomQuestion): "waiting" | "begun" | "complete" {
    const marks = this.#posts(room).flatMap(({ text, blocks }) => marksIn(text + JSON.stringify(blocks)));
    const found = marks.filter((mark) => mark.key === key);
    if (found.some(({ isEnd }) => isEnd)) return "complete";
    return found.length > 0 ? "begun" : "waiting";
  }

  /** Posts of the bot beyond one for each question, in all rooms. */
  extraPosts(): number {
    return sum(this.#rooms.map(({ questions }, room) => Math.max(0, this.#posts(room).length - questions)));
  }

  /** Made so far. */
  requests(): number {
    return this.#model?.requests.length ?? 0;
  }

  /** The questions that the model was asked after so many requests, with the time of the first request for each. */
  askedSince(requests: number): ReadonlyMap<string, number> {
    const asked = new Map<string, number>();
    for (const { messages, atMs } of this.#model?.requests.slice(requests) ?? []) {
      const key = lastAsked(messages.map(({ text }) => text).join("\n"));
      if (key !== undefined && !asked.has(key)) asked.set(key, atMs);
    }
    return asked;
  }

  #answer(prompt: string): Script {
    const key = lastAsked(prompt);
    if (key === undefined) return says("Nothing.");
    const chunks = answerChunks(key);
    if (this.streamMs === 0) return says(...chunks);
    const waitMs = this.streamMs / chunks.length;
    return streams(
      chunks.flatMap((say) => [{ say }, { waitMs }]),
      "complete",
    );
  }

  async #ask(index: number): Promise<RoomQuestion> {
    const room = this.#rooms[index];
    if (room === undefined || this.#slack === undefined) throw new Error("Not open");
    room.questions += 1;
    const question = { conversation: index, number: room.questions };
    const thread = room.root === undefined ? {} : { threadTs: room.root };
    const saying = {
      channel: room.channel,
      user: `U${index}`,
      text: questionText(question),
      mention: true,
      ...thread,
    };
    const ts = await this.#slack.say(saying);
    room.root ??= ts;
    return { key: keyOf(question), room: index };
  }

  #posts(index: number): readonly SlackMessage[] {
    const { channel = "", root = "" } = this.#rooms[index] ?? {};
    return this.#slack?.posts(channel, root).filter(({ isDeleted }) => !isDeleted) ?? [];
  }

  #deliver(): void {
    this.#slack?.deliverTo(...this.#bots.map(({ url }) => `${url}/slack/events`));
  }
}
