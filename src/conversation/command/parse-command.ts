import type { CommandDefinition } from "../../domain/command.ts";
import type { CommandInbound, Inbound, Said } from "../../domain/inbound.ts";
import type { Message } from "../../domain/message.ts";
import { parseArgument } from "./parse-argument.ts";
import { isSimilarCommand } from "./similar-command.ts";
import { stripToCommand, removeTypedMention } from "./strip-to-command.ts";
import type { WrittenCommand } from "./written-command.ts";

/** Prefixes of a written command. In Slack, commands may carry the bot's prefix `tk-`. */
const slash = /^[/!／](?:tk-)?/u;
/** Longer texts without a mention or a slash are never commands. */
const maxBareCommandChars = 60;
/**
 * Turns a written command into a CommandInbound, on every platform: `@bot reset`, `@bot summary share`, `/reset` typed as
 * text, and in DMs also `forget this` alone. All other inbounds pass unchanged: "@bot summary of the film?" is a question.
 * `botName`: the bot's display name on the platform.
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

/** The command that a message contains. */
export function commandFrom(said: Said, { name, argument }: WrittenCommand): CommandInbound {
  const { conversation, dedupeId, platform, place, message, replyTo } = said;
  const { author: by, saidAtMs, id } = message;
  const where = { conversation, dedupeId, platform, place };
  return { ...where, kind: "commanded", name, argument, by, saidAtMs, message: id, replyTo };
}

/** The command in a message. Undefined if it has none. */
export function parseWrittenCommand(
  {
    addressing,
    message,
  }: Pick<Said, "addressing"> & { readonly message: Pick<Message, "text" | "attachments"> },
  commands: readonly CommandDefinition[],
  botName?: string,
): WrittenCommand | undefined {
  if (addressing === "open" || addressing === "others") return undefined;
  const whole = message.text.trim();
  const unnamed = addressing === "reply" ? whole : removeTypedMention(whole, botName);
  const isNamed = addressing === "mention" || unnamed !== whole;
  const isSlash = slash.test(unnamed) || slash.test(whole);
  if (addressing === "reply" && !isSlash) return undefined;
  // "summary" below a file asks about the file.
  if (message.attachments.length > 0 && !isSlash) return undefined;
  // The bot's name may be the name of a command.
  for (const text of isNamed || isSlash ? new Set([whole, unnamed]) : []) {
    const order = splitCommand(text.replace(slash, ""));
    if (order !== undefined && isUnderstood(order, commands)) return order;
  }
  // Without the bot's name and a slash, only clear commands count.
  if (whole.length > maxBareCommandChars) return undefined;
  for (const text of new Set([stripToCommand(whole), stripToCommand(whole, botName)])) {
    const order = text === undefined ? undefined : splitCommand(text);
    if (order !== undefined && (isWholeCommand(order, commands) || isSimilarCommand(order, commands)))
      return order;
  }
  return undefined;
}

/** Splits off the first word. Undefined if that is not a word of ASCII letters. */
function splitCommand(text: string): WrittenCommand | undefined {
  const [first = ""] = text.slice(0, 100).split(/\s/u, 1);
  if (!/^[a-z]{1,32}$/iu.test(first)) return undefined;
  return { name: first.toLowerCase(), argument: text.slice(first.length).trim() };
}

/** A command without its required text counts: the answer is its usage hint. */
function isUnderstood({ name, argument }: WrittenCommand, commands: readonly CommandDefinition[]): boolean {
  const command = commands.find((each) => each.name === name);
  return command !== undefined && (argument === "" || parseArgument(command, argument) !== undefined);
}

/** Whether the text has only the command's own words. Free text counts only if the command has a pattern for it. */
function isWholeCommand({ name, argument }: WrittenCommand, commands: readonly CommandDefinition[]): boolean {
  const command = commands.find((each) => each.name === name);
  const read = command === undefined ? undefined : parseArgument(command, argument);
  return read !== undefined && (read.text === "" || command?.text?.pattern !== undefined);
}
