import { decoded, toPlainText, withoutMention } from "./mrkdwn-to-text.ts";
import type { NameOf } from "../wire/keys.ts";

/** What one has to know to read a message as people see it. */
export interface ReadingFacts {
  readonly botUserId: string;
  /** The bot's own. Missing: nobody knows. */
  readonly name?: string;
  readonly nameOf: NameOf;
}

/** More than people see of what stands beside a text. */
const mostChars = 16_000;
/** https://docs.slack.dev/reference/block-kit/blocks: a message has 50 blocks; what is nested counts too. */
const mostParts = 3_000;

/** The reading of one message: it ends when enough has been read, however much there is. */
export class Reading {
  /** Nobody but its author reads it, as in a DM with the bot. */
  readonly isForAuthorAlone: boolean;
  readonly #facts: ReadingFacts;
  #chars = 0;
  #parts = 0;

  constructor(facts: ReadingFacts, isForAuthorAlone = false) {
    this.isForAuthorAlone = isForAuthorAlone;
    this.#facts = facts;
  }

  get isOver(): boolean {
    return this.#chars > mostChars || this.#parts > mostParts;
  }

  /** Slack's markup, without the bot's own mention. */
  markup(wire: string): string {
    return this.#spell(this.#some(wire));
  }

  /** A text without markup, in which Slack writes three signs as entities. */
  plain(text: string): string {
    return decoded(this.#some(text)).trim();
  }

  /** Markdown, in which apps name people and channels as in Slack's own markup. */
  markdown(text: string): string {
    return decoded(this.#some(text).replaceAll(/<[@#!][^<>\s][^<>]*>/gu, (named) => this.#spell(named)));
  }

  /** A text as it is, spaces and all. */
  raw(text: string): string {
    return this.#some(text);
  }

  /** Empty for the bot: whoever reads is meant. */
  person(id: string): string {
    return id === this.#facts.botUserId ? "" : this.markup(`<@${id}>`);
  }

  #spell(wire: string): string {
    return toPlainText(withoutMention(wire, this.#facts.botUserId, this.#facts.name), this.#facts.nameOf);
  }

  #some(text: string): string {
    if (this.isOver) return "";
    this.#parts += 1;
    const room = mostChars - this.#chars;
    this.#chars += text.length;
    return text.length <= room ? text : `${text.slice(0, room).toWellFormed()} […]`;
  }
}

/** Lines and parts that are not empty, one below the other. */
export function below(parts: readonly string[]): string {
  return parts.filter((part) => part.trim() !== "").join("\n");
}
