import { LRUCache } from "lru-cache";

import type { Author } from "../../domain/message.ts";
import type { ConversationMemory, Speaker } from "../../domain/conversation-memory.ts";
import { cleanName, stripMarkdown } from "./clean-name.ts";
import { looksOf } from "./looks.ts";

/** Names that no person gets: the bot's, and those that models read as roles. */
const reservedNames = ["Threadkeeper", "assistant", "system", "developer", "tool", "function"];
const nameless = "Someone";
/** An ending like those that the bot adds itself, in any brackets. */
const ending = /[\p{Ps}\p{Pe}\p{Pi}\p{Pf}](?<word>[^\p{Ps}\p{Pe}\p{Pi}\p{Pf}]{1,12})[\p{P}\p{S}\s]*$/u;
const givenWords = new Set(["app", "bot", "person"].map(looksOf));
/** By name, kind of author, and the bot's name: a name is cleaned slowly, and needed for each message. */
const baseLabels = new LRUCache<string, string>({ max: 1_000 });
const maxKeyChars = 200;
/** Affixes that do not make a different name. */
const affix = /^(?:the|real|officlal)(?=.)|(?<=.)(?:bot|app|al|officlal)$/u;

/**
 * A label that is unique in the conversation. The first Ada is "Ada", the next person with a lookalike name "Ada (2)".
 * Apps get "(app)"; people named like the bot or a role get "(person)". `botName`: the bot's name there.
 */
export function labelFor(author: Author, speakers: readonly Speaker[], botName: string | undefined): string {
  const base = baseLabelOf(author, botName);
  if (speakers.length === 0) return base;
  const labels = new Set(speakers.map(({ label }) => label));
  const taken = new Set(Array.from(labels, looksOf));
  let label = base;
  for (let count = 2; taken.has(looksOf(label)); count += 1) label = `${base} (${count})`;
  return label;
}

/** The label before a number tells it apart from an equal one. */
function baseLabelOf(author: Author, botName: string | undefined): string {
  const key = JSON.stringify([author.name, author.isApp === true, botName ?? 0]);
  const known = baseLabels.get(key);
  if (known !== undefined) return known;
  const clean = removeGivenEndings(cleanName(author.name));
  const name = clean === "" ? nameless : clean;
  const isReserved = isReservedName(name, botName);
  const given = author.isApp === true ? " (app)" : isReserved ? " (person)" : "";
  const label = `${name}${given}`;
  if (key.length <= maxKeyChars) baseLabels.set(key, label);
  return label;
}

/** The person's label from prompts, for Markdown that people read. Pings nobody and formats nothing. */
export function displayNameOf(
  { speakers, erasing }: Pick<ConversationMemory, "speakers" | "erasing">,
  author: Author,
  botName: string | undefined,
): string {
  const others = [...(erasing?.speakers ?? []), ...speakers].filter(({ id }) => id !== author.id);
  const known = speakers.find(({ id, label }) => id === author.id && isLabelFor(author, label, botName));
  return stripMarkdown(known?.label ?? labelFor(author, others, botName)).replaceAll(/[@#]/gu, "");
}

/** Whether a label belongs to this name, with or without a number. */
export function isLabelFor(author: Author, label: string, botName: string | undefined): boolean {
  const name = labelFor(author, [], botName);
  return label === name || (label.startsWith(`${name} (`) && /^\d+\)$/u.test(label.slice(name.length + 2)));
}

/** Whether a name looks like the bot's or a role: "System", "The Threadkeeper Bot". */
function isReservedName(name: string, botName: string | undefined): boolean {
  const looks = essenceOf(name);
  return reservedLooks.has(looks) || (botName !== undefined && essenceOf(botName) === looks);
}

const reservedLooks = new Set(reservedNames.map(essenceOf));

/** The look of a name without accents, symbols and affixes. */
function essenceOf(name: string): string {
  let essence = looksOf(name.normalize("NFKD").replaceAll(/[\p{M}\p{S}]/gu, ""));
  while (affix.test(essence)) essence = essence.replace(affix, "");
  return essence === "" ? looksOf(name) : essence;
}

function removeGivenEndings(name: string): string {
  let bare = name.trimEnd();
  for (let found = ending.exec(bare); found !== null; found = ending.exec(bare)) {
    if (!isGiven(found.groups?.["word"] ?? "")) return bare;
    bare = bare.slice(0, found.index).trimEnd();
  }
  return bare;
}

function isGiven(word: string): boolean {
  return givenWords.has(looksOf(word)) || /^\s*\d{1,4}\s*$/u.test(word);
}
