import { setTimeout } from "node:timers/promises";

import { isCutAnswer } from "../../../src/domain/cut-answer.ts";
import { endMark } from "../stages/stage.ts";
import type { Random } from "./random.ts";
import { spokenIn, tokenOf } from "./speech.ts";
import type { Corner, Seen, Town } from "./town.ts";

/** One answer that was to be stopped. */
export interface Stopping {
  readonly number: number;
  /** When the press was sent that the platform was told counts. Missing: there was none before the end. */
  readonly takenAtMs?: number;
}

/** A conversation in which answers are stopped. */
export interface StoppingTalk {
  readonly conversation: number;
  readonly town: Town["name"];
  readonly corner: Pick<Corner, "seen">;
  /** In order. */
  readonly stoppings: readonly Stopping[];
}

/** The model answers a message that says so after many seconds. */
export const slowly = "take your time";
/** Longer than any other part of an answer. */
export const slowAnswerMs = 20_000;

const pollMs = 50;
const againAfterMs = 1_000;
const longestHurryMs = 600;
/** Longer than the answer may take after any fault. */
const patienceMs = 120_000;

/** A person who stops each answer. */
export class Stopper implements StoppingTalk {
  readonly conversation: number;
  readonly town: Town["name"];
  readonly corner;
  readonly stoppings: Stopping[] = [];
  readonly #luck: Random;
  readonly #longestThoughtMs: number;

  constructor(town: Town, conversation: number, luck: Random, longestThoughtMs: number) {
    this.conversation = conversation;
    this.town = town.name;
    // A stream in a DM has no button.
    this.corner = town.openCorner(`U${conversation}`, true);
    this.#luck = luck;
    this.#longestThoughtMs = longestThoughtMs;
  }

  async talk(messages: number): Promise<void> {
    for (let number = 0; number < messages; number += 1) {
      await setTimeout(this.#luck.between(0, this.#longestThoughtMs));
      await this.corner.say(`${tokenOf(this.conversation, number)} ${slowly}`);
      const takenAtMs = await this.#stop(number);
      this.stoppings.push({ number, ...(takenAtMs === undefined ? {} : { takenAtMs }) });
    }
  }

  /** Says one more thing, so that the model is shown what the bot remembers. */
  async sayLast(): Promise<void> {
    const number = this.stoppings.length;
    await this.corner.say(tokenOf(this.conversation, number));
    const untilMs = Date.now() + patienceMs;
    while (!this.#isEnded(number) && Date.now() < untilMs) await setTimeout(pollMs);
  }

  /** Until the answer has ended. Resolves to the time of the press that counted. */
  async #stop(number: number): Promise<number | undefined> {
    const untilMs = Date.now() + patienceMs;
    const token = tokenOf(this.conversation, number);
    let takenAtMs: number | undefined;
    while (!this.#isEnded(number) && Date.now() < untilMs) {
      await setTimeout(pollMs);
      const { id: post, buttons = [] } = this.corner.seen().find(isAbout(token)) ?? {};
      const button = buttons.find(({ action }) => action === "stop");
      if (takenAtMs !== undefined || post === undefined || button === undefined) continue;
      await setTimeout(this.#luck.between(0, longestHurryMs));
      const atMs = Date.now();
      if (await this.corner.press({ post, button, by: `U${this.conversation}`, times: 1 })) takenAtMs = atMs;
      else await setTimeout(againAfterMs);
    }
    return takenAtMs;
  }

  /** An answer that was stopped before its first word names no message, and one answer may be for several. */
  #isEnded(number: number): boolean {
    const ended = this.corner.seen().filter(isEnded);
    return ended.length > number || ended.some(isAbout(tokenOf(this.conversation, number)));
  }
}

function isAbout(token: string): (post: Pick<Seen, "text">) => boolean {
  return ({ text }) => spokenIn(text).some((each) => each.token === token);
}

export function isStopped({ text }: Pick<Seen, "text">): boolean {
  return /\*\(Stopped(?: here)?\.\)\*$/u.test(text);
}

export function isEnded(post: Pick<Seen, "text">): boolean {
  return isStopped(post) || isWhole(post);
}

export function isWhole({ text }: Pick<Seen, "text">): boolean {
  return text.endsWith(endMark) || isCutAnswer(text);
}
