import { normalizeText } from "../../domain/normalize-text.ts";

const maxCommandChars = 200;
const maxNameChars = 80;
/** The bot's name on every platform. */
const ownName = "threadkeeper";
const typed = /^@(?:me|bot|threadkeeper)(?![\p{L}\p{N}_])/iu;
/** The mention after it was removed before, but its comma was not. */
const greeting = /^(?:hey|hi|hello)[ ,!]+/iu;
const betweenNameAndCommand = /^[\s,:;.!–—-]+/u;
/** Invisible characters that keyboards and copying insert. */
const unseen = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;
const emoji = "\\p{Extended_Pictographic}\\p{Emoji_Modifier}\\p{Regional_Indicator}";
const tail = new RegExp(`(?<![\\s.!…。${emoji}])[\\s.!…。${emoji}]+$`, "u");
/** Slack sends an emoji by its name. */
const named = / ?:[a-z0-9_+-]{1,40}:$/iu;
/** "forget this 👎" */
const denial = /[👎❌🚫⛔🛑✋🙅]|:(?:-1|thumbsdown|x|no_entry|no_entry_sign|octagonal_sign|raised_hand):/u;
const politeness = ["please", "pls", "plz", "kindly", "thanks", "thank you", "thx", "bitte", "now"];
const sameThing = /^(forget this) (?:conversation|thread|chat|talk)(?= |$)/iu;

/** Removes the bot's typed name from the start of a text: "@bot", or its display name. */
export function removeTypedMention(text: string, botName?: string): string {
  const rest = typed.test(text)
    ? text.replace(typed, "")
    : removeLeadingName(text.replace(/^@/u, ""), botName);
  if (rest === undefined) return text;
  const order = rest.replace(betweenNameAndCommand, "");
  // "Threadkeeper is great" is not a command, and neither is the name alone.
  return rest === order ? text : order;
}

/**
 * Reduces a polite command to its words: "Please forget this, yes! 🙏" and "Hey Threadkeeper, forget this". Undefined for a
 * question, a denial ("forget this 👎"), and a text that is too long.
 */
export function stripToCommand(text: string, botName?: string): string | undefined {
  if (text.length > maxCommandChars || denial.test(text)) return undefined;
  let plain = normalizeText(text, "NFKC").replaceAll(unseen, "").trim();
  plain = removeTypedMention(plain.replace(greeting, ""), botName);
  plain = plain.replace(/^[/!](?:tk-)?/u, "").replaceAll(/[\s,;]+/gu, " ");
  for (let before = ""; before !== plain;) {
    before = plain;
    plain = removePoliteness(plain.trim().replace(tail, "").replace(named, ""), botName);
  }
  return plain.endsWith("?") ? undefined : plain.replace(sameThing, "$1");
}

/** Removes the bot's name from the start and the end of a text. */
export function removeBotNames(text: string, botName?: string): string {
  const unnamed = removeTypedMention(text, botName);
  const lower = unnamed.toLowerCase();
  const behind = namesOf(botName).find((each) => lower.endsWith(` ${each}`));
  return behind === undefined ? unnamed : unnamed.slice(0, -behind.length - 1);
}

function namesOf(botName: string | undefined): readonly string[] {
  const names = [ownName, botName?.toLowerCase() ?? ownName].filter((each) => each !== "");
  return names.flatMap((name) => [`@${name}`, name]);
}

function removePoliteness(text: string, botName: string | undefined): string {
  const lower = text.toLowerCase();
  const courtesies = [...politeness, ...namesOf(botName)];
  const behind = courtesies.find((each) => lower.endsWith(` ${each}`));
  if (behind !== undefined) return text.slice(0, -behind.length - 1);
  const before = politeness.find((each) => lower.startsWith(`${each} `));
  return before === undefined ? text : text.slice(before.length + 1);
}

function removeLeadingName(text: string, botName: string | undefined): string | undefined {
  const lower = text.slice(0, maxNameChars).toLowerCase();
  const name = [botName?.toLowerCase() ?? ownName, ownName].find(
    (each) => each !== "" && lower.startsWith(each),
  );
  return name === undefined ? undefined : text.slice(name.length);
}
