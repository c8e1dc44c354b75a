import { setTimeout } from "node:timers/promises";

import { fileOf, filingKinds, isMade, textOf, type Filing, type FilingTalk } from "./filings.ts";
import type { Random } from "./random.ts";
import { fileWordOf, fileWordsIn, spokenIn, tokenOf } from "./speech.ts";
import type { Town } from "./town.ts";

const fates = ["file", "message", "stays"] as const;
const pollMs = 100;
const longestHurryMs = 900;
/** Longer than the bot may need after any fault. */
const patienceMs = 30_000;

/** A person who sends a file or asks for an image with each message, and takes some of them back. */
export class Filer implements FilingTalk {
  readonly conversation: number;
  readonly town: Town["name"];
  readonly corner;
  readonly filings: Filing[] = [];
  readonly #luck: Random;
  readonly #longestThoughtMs: number;

  constructor(town: Town, conversation: number, luck: Random, longestThoughtMs: number) {
    this.conversation = conversation;
    this.town = town.name;
    this.corner = town.openCorner(`U${conversation}`);
    this.#luck = luck;
    this.#longestThoughtMs = longestThoughtMs;
  }

  async talk(messages: number): Promise<void> {
    for (let number = 0; number < messages; number += 1) {
      await setTimeout(this.#luck.between(0, this.#longestThoughtMs));
      await this.#send(number);
    }
  }

  /** Says one more thing, so that the model is shown what the bot remembers. */
  async sayLast(): Promise<void> {
    const number = this.filings.length;
    await this.corner.say(tokenOf(this.conversation, number));
    await this.#untilAnswered(number);
  }

  async #send(number: number): Promise<void> {
    const { conversation, corner } = this;
    const filing: Filing = {
      number,
      word: fileWordOf(conversation, number),
      kind: this.#luck.pick(filingKinds),
    };
    const id = await corner.say(textOf(conversation, filing), fileOf(filing));
    this.filings.push(filing);
    const fate = fates[number % fates.length] ?? "stays";
    // While it is read or made, while it is answered, or after that.
    if (this.#luck.chance(0.5)) await setTimeout(this.#luck.between(0, longestHurryMs));
    else await this.#untilAnswered(number);
    // Without its first message there is no thread.
    if (fate === "stays" || (number === 0 && isMade(filing))) return;
    const what = isMade(filing) || this.town === "the web" ? "message" : fate;
    filing.takenBack = { what, fromMs: Date.now() };
    await corner.takeBack(id, what);
  }

  async #untilAnswered(number: number): Promise<void> {
    const token = tokenOf(this.conversation, number);
    const untilMs = Date.now() + patienceMs;
    while (!this.corner.seen().some(isAnswerTo(token)) && Date.now() < untilMs) await setTimeout(pollMs);
  }
}

/** How many files that are not broken the bot did not read: on a busy machine it may take too long. */
export function unreadIn({ corner }: Pick<FilingTalk, "corner">): number {
  return corner.seen().filter(({ text }) => /I couldn't read `(?!torn)/u.test(text)).length;
}

export function isAnswerTo(token: string): (post: { readonly text: string }) => boolean {
  return ({ text }) => spokenIn(text).some((each) => each.token === token) && /[∎)]/u.test(text);
}

/** How often a word of a file stands in a text. */
export function timesIn(text: string, word: string): number {
  return fileWordsIn(text).filter((each) => each === word).length;
}
