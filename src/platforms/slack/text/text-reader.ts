import { decodeEntities, toPlainText, removeBotMention } from "./mrkdwn-to-text.ts";
import type { NameOf } from "../wire/keys.ts";

/** Facts for reading a message as people see it. */
export interface ReaderFacts {
  readonly botUserId: string;
  /** The bot's display name. Missing: unknown. */
  readonly name?: string;
  readonly nameOf: NameOf;
  /** Whether the bot listens to recordings by itself. Missing: no. */
  readonly hearsClips?: boolean;
}

/** Content beside the text of a message; more than people see. */
const maxChars = 16_000;
/** A message has 50 blocks (https://docs.slack.dev/reference/block-kit/blocks); nested parts count too. */
const maxParts = 3_000;

/** Reads the texts of one message within a budget: when that is used up, all further texts are empty. */
export class TextReader {
  /** In a DM with the bot only the author reads the message. */
  readonly isForAuthorAlone: boolean;
  readonly #facts: ReaderFacts;
  #chars = 0;
  #parts = 0;

  constructor(facts: ReaderFacts, isForAuthorAlone = false) {
    this.isForAuthorAlone = isForAuthorAlone;
    this.#facts = facts;
  }

  get isExhausted(): boolean {
    return this.#chars > maxChars || this.#parts > maxParts;
  }

  /** Reads mrkdwn, without mentions of the bot. */
  markup(wire: string): string {
    return this.#expand(this.#charge(wire));
  }

  /** Reads plain text, in which Slack still writes `&`, `<` and `>` as entities. */
  plain(text: string): string {
    return decodeEntities(this.#charge(text)).trim();
  }

  /** Reads Markdown, in which apps mention people and channels as in mrkdwn. */
  markdown(text: string): string {
    return decodeEntities(
      this.#charge(text).replaceAll(/<[@#!][^<>\s][^<>]*>/gu, (named) => this.#expand(named)),
    );
  }

  /** Reads a text unchanged. */
  raw(text: string): string {
    return this.#charge(text);
  }

  /** The mention of a person; empty for the bot itself. */
  person(id: string): string {
    return id === this.#facts.botUserId ? "" : this.markup(`<@${id}>`);
  }

  #expand(wire: string): string {
    return toPlainText(removeBotMention(wire, this.#facts.botUserId, this.#facts.name), this.#facts.nameOf);
  }

  #charge(text: string): string {
    if (this.isExhausted) return "";
    this.#parts += 1;
    const room = maxChars - this.#chars;
    this.#chars += text.length;
    return text.length <= room ? text : `${text.slice(0, room).toWellFormed()} […]`;
  }
}

/** Joins the parts that are not blank with line breaks. */
export function joinLines(parts: readonly string[]): string {
  return parts.filter((part) => part.trim() !== "").join("\n");
}
