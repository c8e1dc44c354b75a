import type { EventDeliveries } from "./deliver-events.ts";
import { keyOf, questionText } from "./marks.ts";
import { account, type Talk, type Talked } from "./orders.ts";
import type { Seen } from "./slack-api.ts";
import { nextTs } from "./slack-time.ts";

/** A question without a complete answer after this time is lost. */
const patienceMs = 60_000;
const channels = 16;

interface Asked {
  readonly conversation: number;
  readonly atMs: number;
  readonly timer: NodeJS.Timeout;
  firstTextMs: number | undefined;
}

interface Thread {
  root: string | undefined;
  turns: number;
  number: number;
}

type Seconds = Pick<Talked, "seconds" | "answerMs" | "firstTextMs" | "lost" | "doubled">;

/** People who ask one question after another: each the next one when its answer is complete in the thread. */
export class People implements Seen {
  readonly #deliveries: EventDeliveries;
  readonly #threads: Thread[] = [];
  readonly #waiting = new Map<string, Asked>();
  /** The post of each complete answer, to find second ones. */
  readonly #answered = new Map<string, string>();
  #talk: Talk = { conversations: 0, messages: 0, modelDelayMs: 0, threadTurns: 0 };
  #left = 0;
  #answerMs: number[] = [];
  #firstTextMs: number[] = [];
  #lost = 0;
  #doubled = 0;
  #onQuiet: () => void = () => undefined;

  constructor(deliveries: EventDeliveries) {
    this.#deliveries = deliveries;
  }

  async talk(talk: Talk): Promise<Seconds> {
    this.#talk = talk;
    this.#left = talk.messages;
    this.#answerMs = [];
    this.#firstTextMs = [];
    this.#lost = 0;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onQuiet = resolve;
    const startedAtMs = performance.now();
    const { from = 0, conversations } = talk;
    for (let index = from; index < from + conversations; index += 1) this.#ask(index);
    await promise;
    const doubled = this.#doubled;
    this.#doubled = 0;
    return {
      seconds: (performance.now() - startedAtMs) / 1_000,
      answerMs: this.#answerMs,
      firstTextMs: this.#firstTextMs,
      lost: this.#lost,
      doubled,
    };
  }

  readonly started = (key: string): void => {
    const asked = this.#waiting.get(key);
    if (asked !== undefined) asked.firstTextMs ??= performance.now() - asked.atMs;
  };

  readonly complete = (key: string, post: string): void => {
    const asked = this.#waiting.get(key);
    if (asked === undefined) {
      const first = this.#answered.get(key);
      if (first !== undefined && first !== post) this.#doubled += 1;
      return;
    }
    const answerMs = performance.now() - asked.atMs;
    clearTimeout(asked.timer);
    this.#waiting.delete(key);
    this.#answered.set(key, post);
    this.#answerMs.push(answerMs);
    this.#firstTextMs.push(asked.firstTextMs ?? answerMs);
    this.#ask(asked.conversation);
  };

  #ask(conversation: number): void {
    if (this.#left === 0) {
      if (this.#waiting.size === 0) this.#onQuiet();
      return;
    }
    this.#left -= 1;
    const { threadTurns, conversations, chars } = this.#talk;
    const thread = (this.#threads[conversation] ??= {
      root: undefined,
      // The threads end one after another, so that prompts of every length are asked for at any time.
      turns: Math.floor((conversation * threadTurns) / conversations) % Math.max(1, threadTurns),
      number: 0,
    });
    if (threadTurns > 0 && thread.turns >= threadTurns) Object.assign(thread, { root: undefined, turns: 0 });
    const question = { conversation, number: thread.number };
    const key = keyOf(question);
    const timer = setTimeout(() => {
      this.#waiting.delete(key);
      this.#lost += 1;
      this.#ask(conversation);
    }, patienceMs);
    const ts = nextTs();
    this.#waiting.set(key, { conversation, atMs: performance.now(), timer, firstTextMs: undefined });
    this.#deliveries.deliver({
      type: "app_mention",
      user: `U${conversation}`,
      text: `<@${account.botUser}> ${questionText(question, chars)}`,
      ts,
      team: account.team,
      channel: `C${conversation % channels}`,
      event_ts: ts,
      ...(thread.root === undefined ? {} : { thread_ts: thread.root }),
    });
    thread.root ??= ts;
    thread.turns += 1;
    thread.number += 1;
  }
}
