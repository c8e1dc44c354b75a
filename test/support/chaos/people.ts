import { setTimeout } from "node:timers/promises";

import { answeredIn, type Talk } from "./oracle.ts";
import { Presser, type Press } from "./presser.ts";
import type { Random } from "./random.ts";
import { tokenOf } from "./speech.ts";
import type { Town } from "./town.ts";

const pollMs = 100;
/** Some people write again before the answer, during it, or at once. */
const longestHurryMs = 900;
/** Longer than the bot may need after any fault. After that, people write on. */
const patienceMs = 30_000;

/** A person who writes a number of messages and waits for some of the answers. */
export class Person implements Talk {
  readonly conversation: number;
  readonly town: Town["name"];
  readonly corner;
  readonly saidAtMs: number[] = [];
  readonly #presser: Presser;
  readonly #luck: Random;
  readonly #longestThoughtMs: number;

  constructor(town: Town, conversation: number, luck: Random, longestThoughtMs: number) {
    this.conversation = conversation;
    this.town = town.name;
    const name = `U${conversation}`;
    this.corner = town.openCorner(name);
    this.#presser = new Presser(this.corner, [name, `W${conversation}`], luck.fork("presses"));
    this.#luck = luck;
    this.#longestThoughtMs = longestThoughtMs;
  }

  get presses(): readonly Press[] {
    return this.#presser.presses;
  }

  /** Writes, and presses buttons meanwhile. */
  async talk(messages: number): Promise<void> {
    const written = new AbortController();
    const pressing = this.#presser.pressOn(written.signal);
    await this.#write(messages).finally(() => written.abort());
    await pressing;
  }

  /** Says one more thing, so that the model is shown what the bot remembers. */
  async sayLast(): Promise<void> {
    await this.#say(this.saidAtMs.length);
    await this.#wait();
  }

  async #write(messages: number): Promise<void> {
    let isInHurry = false;
    for (let number = 0; number < messages; number += 1) {
      await setTimeout(this.#luck.between(0, isInHurry ? longestHurryMs : this.#longestThoughtMs));
      await this.#say(number);
      isInHurry = this.#luck.chance(0.4);
      if (!isInHurry) await this.#wait();
    }
  }

  async #say(number: number): Promise<void> {
    await this.corner.say(`${tokenOf(this.conversation, number)} ${"and so on ".repeat(number % 4)}`.trim());
    this.saidAtMs.push(Date.now());
  }

  /** Waits until everything is answered. */
  async #wait(): Promise<void> {
    const untilMs = Date.now() + patienceMs;
    while (answeredIn(this) < this.saidAtMs.length && Date.now() < untilMs) await setTimeout(pollMs);
  }
}
