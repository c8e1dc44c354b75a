import { setTimeout } from "node:timers/promises";

import { docxFile, paragraph } from "../files/office-files.ts";
import { pdfFile } from "../files/pdf-file.ts";
import type { Random } from "./random.ts";
import { fileWordOf, fileWordsIn, spokenIn, tokenOf } from "./speech.ts";
import type { Corner, SentFile, Town } from "./town.ts";

/** A message with a file, and what became of it. */
export interface Filing {
  readonly number: number;
  /** The word that only the file holds. */
  readonly word: string;
  readonly isReadable: boolean;
  /** Missing: it stays. */
  takenBack?: { readonly what: "file" | "message"; readonly fromMs: number };
}

/** A conversation in which files are sent. */
export interface FilingTalk {
  readonly conversation: number;
  readonly town: Town["name"];
  readonly corner: Pick<Corner, "seen">;
  /** In order. Each was taken back before the next message, or never. */
  readonly filings: readonly Filing[];
}

const fates = ["file", "message", "stays"] as const;
const pollMs = 100;
const longestHurryMs = 900;
/** Longer than the bot may need after any fault. */
const patienceMs = 30_000;
const kinds = ["txt", "pdf", "docx", "txt", "broken"] as const;

/** A person who sends a file with each message, and takes some of them back. */
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
    const word = fileWordOf(conversation, number);
    const kind = this.#luck.pick(kinds);
    const filing: Filing = { number, word, isReadable: kind !== "broken" };
    const id = await corner.say(`${tokenOf(conversation, number)} what is in it?`, fileOf(kind, word));
    this.filings.push(filing);
    const fate = fates[number % fates.length];
    // While it is read, while it is answered, or after that.
    if (this.#luck.chance(0.5)) await setTimeout(this.#luck.between(0, longestHurryMs));
    else await this.#untilAnswered(number);
    if (fate === "stays" || fate === undefined) return;
    filing.takenBack = { what: fate, fromMs: Date.now() };
    await corner.takeBack(id, fate);
  }

  async #untilAnswered(number: number): Promise<void> {
    const token = tokenOf(this.conversation, number);
    const untilMs = Date.now() + patienceMs;
    while (!this.corner.seen().some(isAnswerTo(token)) && Date.now() < untilMs) await setTimeout(pollMs);
  }
}

/** How many files that are not broken the bot did not read: on a busy machine it may take too long. */
export function unreadIn({ corner }: FilingTalk): number {
  return corner.seen().filter(({ text }) => /I couldn't read `(?!torn)/u.test(text)).length;
}

export function isAnswerTo(token: string): (post: { readonly text: string }) => boolean {
  return ({ text }) => spokenIn(text).some((each) => each.token === token) && /[∎)]/u.test(text);
}

/** How often a word of a file stands in a text. */
export function timesIn(text: string, word: string): number {
  return fileWordsIn(text).filter((each) => each === word).length;
}

function fileOf(kind: (typeof kinds)[number], word: string): SentFile {
  const text = `The word is ${word}.`;
  switch (kind) {
    case "txt":
      return { name: "notes.txt", mediaType: "text/plain", bytes: Buffer.from(text) };
    case "pdf":
      return { name: "report.pdf", mediaType: "application/pdf", bytes: pdfFile([[text]]) };
    case "docx":
      return { name: "plan.docx", mediaType: "application/octet-stream", bytes: docxFile(paragraph(text)) };
    case "broken":
      return { name: "torn.pdf", mediaType: "application/pdf", bytes: pdfFile([[text]]).subarray(0, 90) };
  }
}
