import type { CommandDefinition } from "../domain/command.ts";
import type { Inbound, Said } from "../domain/inbound.ts";
import { readArgument } from "./command-argument.ts";
import { isNearOrder } from "./near-order.ts";

/** What a person ordered in words. */
export interface WrittenOrder {
  /** As it was typed, in lower case: the name of a command, or one that looks much like it. */
  readonly name: string;
  readonly argument: string;
}

/** Longer texts without a mention or a slash are talk. */
const longestBareOrder = 60;
/** How people name the bot where the platform has no mentions: at the beginning of a text. */
const typedMention = /^@(?:me|bot|threadkeeper)\b[\s,:]*/iu;

/**
 * Understands written orders, on every platform: `@bot reset`, `@bot summary share`, `/reset` typed as text, and in
 * direct messages also `forget this` alone. Anything else is talk: "@bot summary of the film?" is a question.
 */
export function asCommand(inbound: Inbound, commands: readonly CommandDefinition[]): Inbound {
  if (inbound.kind !== "said") return inbound;
  const order = writtenOrderIn(inbound, commands);
  return order === undefined ? inbound : commandedBy(inbound, order);
}

/** The message, as the command that it stands for. */
export function commandedBy(said: Said, { name, argument }: WrittenOrder): Inbound {
  const { conversation, dedupeId, platform, place, message, replyTo } = said;
  const { author: by, saidAtMs, id } = message;
  const where = { conversation, dedupeId, platform, place };
  return { ...where, kind: "commanded", name, argument, by, saidAtMs, message: id, replyTo };
}

/** Undefined for talk. */
export function writtenOrderIn(
  { addressing, message }: Pick<Said, "addressing" | "message">,
  commands: readonly CommandDefinition[],
): WrittenOrder | undefined {
  if (addressing === "open" || addressing === "others") return undefined;
  const whole = message.text.trim();
  const isNamed = addressing === "mention" || (addressing === "direct" && typedMention.test(whole));
  const text = isNamed ? whole.replace(typedMention, "") : whole;
  const isSlash = text.startsWith("/") || text.startsWith("!");
  if (addressing === "reply" && !isSlash) return undefined;
  const words = isSlash ? text.slice(1) : text;
  if (isNamed || isSlash) {
    const order = splitOrder(words);
    if (order !== undefined && isUnderstood(order, commands)) return order;
  }
  // Without a name and a slash, only what could hardly be talk.
  if (whole.length > longestBareOrder) return undefined;
  const order = splitOrder(withoutCourtesies(words));
  if (order === undefined || whole.endsWith("?")) return undefined;
  return isWholeOrder(order, commands) || isNearOrder(order, commands) ? order : undefined;
}

/** Undefined where the text begins with no single word of letters. */
function splitOrder(text: string): WrittenOrder | undefined {
  const [first = ""] = text.slice(0, 100).split(/\s/u, 1);
  if (!/^[a-z]{1,32}$/iu.test(first)) return undefined;
  return { name: first.toLowerCase(), argument: text.slice(first.length).trim() };
}

/** An order without its text is answered with how it is written. */
function isUnderstood({ name, argument }: WrittenOrder, commands: readonly CommandDefinition[]): boolean {
  const command = commands.find((each) => each.name === name);
  return command !== undefined && (argument === "" || readArgument(command, argument) !== undefined);
}

/** Nothing but the order's own words: free text, which could be talk, only where it has a form of its own. */
function isWholeOrder({ name, argument }: WrittenOrder, commands: readonly CommandDefinition[]): boolean {
  const command = commands.find((each) => each.name === name);
  const read = command === undefined ? undefined : readArgument(command, argument);
  return read !== undefined && (read.text === "" || command?.text?.pattern !== undefined);
}

/** "Please forget this, yes!" without what is not the order. */
function withoutCourtesies(text: string): string {
  return text
    .replaceAll(/[\s,]+/gu, " ")
    .replace(/(?<![ .!])[ .!]+$/u, "")
    .replace(/^please /iu, "")
    .replace(/ please$/iu, "")
    .replace(/(?<![ .!])[ .!]+$/u, "");
}
