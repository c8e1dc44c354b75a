import type { CommandDefinition } from "../../domain/command.ts";
import type { CommandInbound, Inbound, Said } from "../../domain/inbound.ts";
import { parseArgument } from "./parse-argument.ts";
import { isSimilarCommand } from "./similar-command.ts";
import { stripToCommand, removeTypedMention } from "./strip-to-command.ts";
import type { WrittenCommand } from "./written-command.ts";

/** How a written order may begin. Slack's commands may have our name before theirs. */
const slash = /^[/!／](?:tk-)?/u;
/** Longer texts without a mention or a slash are talk. */
const maxBareCommandChars = 60;
/**
 * Understands written orders, on every platform: `@bot reset`, `@bot summary share`, `/reset` typed as text, and in
 * direct messages also `forget this` alone. Anything else is talk: "@bot summary of the film?" is a question. `botName`:
 * what the bot is called there.
 */
export function asCommand(
  inbound: Inbound,
  commands: readonly CommandDefinition[],
  botName?: string,
): Inbound {
  if (inbound.kind !== "said") return inbound;
  const order = parseWrittenCommand(inbound, commands, botName);
  return order === undefined ? inbound : commandFrom(inbound, order);
}

/** The message, as the command that it stands for. */
export function commandFrom(said: Said, { name, argument }: WrittenCommand): CommandInbound {
  const { conversation, dedupeId, platform, place, message, replyTo } = said;
  const { author: by, saidAtMs, id } = message;
  const where = { conversation, dedupeId, platform, place };
  return { ...where, kind: "commanded", name, argument, by, saidAtMs, message: id, replyTo };
}

/** Undefined for talk. */
export function parseWrittenCommand(
  { addressing, message }: Pick<Said, "addressing" | "message">,
  commands: readonly CommandDefinition[],
  botName?: string,
): WrittenCommand | undefined {
  if (addressing === "open" || addressing === "others") return undefined;
  const whole = message.text.trim();
  const unnamed = addressing === "reply" ? whole : removeTypedMention(whole, botName);
  const isNamed = addressing === "mention" || unnamed !== whole;
  const isSlash = slash.test(unnamed) || slash.test(whole);
  if (addressing === "reply" && !isSlash) return undefined;
  // The bot may be called like one of its orders.
  for (const text of isNamed || isSlash ? new Set([whole, unnamed]) : []) {
    const order = splitCommand(text.replace(slash, ""));
    if (order !== undefined && isUnderstood(order, commands)) return order;
  }
  // Without a name and a slash, only what could hardly be talk.
  if (whole.length > maxBareCommandChars) return undefined;
  for (const text of new Set([stripToCommand(whole), stripToCommand(whole, botName)])) {
    const order = text === undefined ? undefined : splitCommand(text);
    if (order !== undefined && (isWholeCommand(order, commands) || isSimilarCommand(order, commands)))
      return order;
  }
  return undefined;
}

/** Undefined where the text begins with no single word of letters. */
function splitCommand(text: string): WrittenCommand | undefined {
  const [first = ""] = text.slice(0, 100).split(/\s/u, 1);
  if (!/^[a-z]{1,32}$/iu.test(first)) return undefined;
  return { name: first.toLowerCase(), argument: text.slice(first.length).trim() };
}

/** An order without its text is answered with how it is written. */
function isUnderstood({ name, argument }: WrittenCommand, commands: readonly CommandDefinition[]): boolean {
  const command = commands.find((each) => each.name === name);
  return command !== undefined && (argument === "" || parseArgument(command, argument) !== undefined);
}

/** Nothing but the order's own words: free text, which could be talk, only where it has a form of its own. */
function isWholeCommand({ name, argument }: WrittenCommand, commands: readonly CommandDefinition[]): boolean {
  const command = commands.find((each) => each.name === name);
  const read = command === undefined ? undefined : parseArgument(command, argument);
  return read !== undefined && (read.text === "" || command?.text?.pattern !== undefined);
}
